// Package inbox answers what people ask about their conversations and messages, and takes the changes they make to
// them. Every question runs inside one workspace; an id of another workspace is answered as an id nobody has.
package inbox
