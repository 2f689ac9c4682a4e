package sms

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
)

var errNoResponse = errors.New("the root of the answer is not <Response>")

// CheckAnswer reads the answer to an inbound text as the providers do: well-formed XML whose root is Response.
func CheckAnswer(body []byte) error {
	decoder := xml.NewDecoder(bytes.NewReader(body))
	root := ""
	for {
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return fmt.Errorf("reading the answer as XML: %w", err)
		}
		if start, ok := token.(xml.StartElement); ok && root == "" {
			root = start.Name.Local
		}
	}
	if root != "Response" {
		return errNoResponse
	}
	return nil
}
