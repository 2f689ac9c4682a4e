package fault

// Variable names the environment variable that holds the point to die at, in a build with live points.
const Variable = "CONVERSATIONS_FAULT_POINT"
