package call

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
)

const (
	maxVerbs = 100
	maxDepth = 3
	maxText  = 4096
	// maxNumbers is how many numbers ring at once.
	maxNumbers = 10
)

// ErrBadDocument is returned for an answer that is no document a call can follow.
var ErrBadDocument = errors.New("bad document")

// Verb is one thing a call is to do.
type Verb struct {
	Name string
	Attr map[string]string
	Text string
	// Nouns are the elements within it.
	Nouns []Verb
}

// seconds reads an attribute in seconds.
func (v Verb) seconds(name string, usual, least, most int) int {
	seconds, err := strconv.Atoi(v.Attr[name])
	if err != nil {
		return usual
	}
	return min(max(seconds, least), most)
}

// element is an element of the document while it is read.
type element struct {
	Verb
	text strings.Builder
}

// ParseDocument reads a document strictly, as the providers do: the root is Response, the names of verbs are as
// documented, letter for letter, and what a verb needs is there.
func ParseDocument(body []byte) ([]Verb, error) {
	decoder := xml.NewDecoder(bytes.NewReader(body))
	open := []*element{{}}
	verbs := 0
	for {
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, fmt.Errorf("%w: %w", ErrBadDocument, err)
		}
		switch token := token.(type) {
		case xml.StartElement:
			if verbs++; verbs > maxVerbs || len(open) > maxDepth {
				return nil, fmt.Errorf("%w: it is too long or too deep", ErrBadDocument)
			}
			open = append(open, newElement(token))
		case xml.EndElement:
			last := open[len(open)-1]
			open = open[:len(open)-1]
			last.Text = strings.TrimSpace(last.text.String())
			open[len(open)-1].Nouns = append(open[len(open)-1].Nouns, last.Verb)
		case xml.CharData:
			_, _ = open[len(open)-1].text.Write(token) // a builder does not fail
		case xml.Directive:
			return nil, fmt.Errorf("%w: it has a directive", ErrBadDocument)
		}
	}
	if len(open) != 1 || len(open[0].Nouns) != 1 || open[0].Nouns[0].Name != "Response" {
		return nil, fmt.Errorf("%w: the root is not <Response>", ErrBadDocument)
	}
	return check(open[0].Nouns[0].Nouns)
}

func newElement(token xml.StartElement) *element {
	started := &element{Verb: Verb{Name: token.Name.Local, Attr: map[string]string{}}}
	for _, attribute := range token.Attr {
		started.Attr[attribute.Name.Local] = attribute.Value
	}
	return started
}

// check refuses what a call cannot do.
func check(verbs []Verb) ([]Verb, error) {
	for _, verb := range verbs {
		if len([]rune(verb.Text)) > maxText {
			return nil, fmt.Errorf("%w: the text of <%s> is too long", ErrBadDocument, verb.Name)
		}
		var err error
		switch verb.Name {
		case "Say", "Play", "Pause", "Hangup", "Reject", "Record":
		case "Redirect":
			if verb.Text == "" {
				err = fmt.Errorf("%w: <Redirect> names no place", ErrBadDocument)
			}
		case "Gather":
			_, err = check(verb.Nouns)
		case "Dial":
			err = checkDial(verb)
		default:
			err = fmt.Errorf("%w: <%s> is no verb", ErrBadDocument, verb.Name)
		}
		if err != nil {
			return nil, err
		}
	}
	return verbs, nil
}

func checkDial(dial Verb) error {
	numbers := dial.numbers()
	if len(numbers) == 0 || len(numbers) > maxNumbers {
		return fmt.Errorf("%w: <Dial> rings %d numbers, of 1 to %d", ErrBadDocument, len(numbers), maxNumbers)
	}
	if slices.ContainsFunc(dial.Nouns, func(noun Verb) bool { return noun.Name != "Number" }) {
		return fmt.Errorf("%w: the network rings <Number> alone", ErrBadDocument)
	}
	return nil
}

// numbers are the numbers a Dial rings; one may stand in it as plain text.
func (v Verb) numbers() []Verb {
	if len(v.Nouns) == 0 && v.Text != "" {
		return []Verb{{Name: "Number", Text: v.Text}}
	}
	return v.Nouns
}
