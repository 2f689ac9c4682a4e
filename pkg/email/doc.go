// Package email is what everybody who reads or writes e-mail needs alike: headers, charsets, addresses, MIME, the quoted
// part of an answer and the marks of what a program wrote.
//
// Everything it reads a stranger wrote. What is broken is read as far as it goes, and no reading takes more than linear
// time or memory.
package email
