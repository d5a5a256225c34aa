-- For wrk: a new user, again and again.
wrk.method = "POST"
wrk.headers["content-type"] = "application/json"
wrk.body = '{"email":"ada@example.com","name":"Ada Lovelace","age":36}'
