// Package call decides what a call does next and what it means for its message.
//
// A provider asks at a few points of a call (channel.CallStep) what is to be done. The answer is made of the settings
// and the route in memory and of the query of our own URL, and of nothing else, so that nobody on the phone waits for a
// database. An inbound call rings the workspace's agents, all at once or one after the other, then takes a message,
// then ends. A call that we placed begins with the agent's phone; when it is picked up the customer is rung.
//
// The same webhook twice is the same answer: nothing is remembered between them. A Flow is safe for concurrent use.
package call
