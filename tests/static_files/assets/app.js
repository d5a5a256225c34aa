console.log("Hello from a file that is a part of the program.");
