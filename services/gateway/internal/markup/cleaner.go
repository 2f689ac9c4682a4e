// Package markup makes the HTML of strangers safe to show: nothing in it runs, and nothing in it loads anything from
// others unless a person asks for it.
package markup

import (
	"bytes"
	"strings"

	"github.com/microcosm-cc/bluemonday"
	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// Options say what becomes of pictures.
type Options struct {
	// ShowRemote lets pictures of others be loaded, over HTTPS, which tells them that the message is read.
	ShowRemote bool
	// Inline is where a picture is that came with the message, by its Content-ID; false when there is none.
	Inline func(contentID string) (url string, ok bool)
}

// Result is clean HTML.
type Result struct {
	HTML string
	// RemoteImages counts the pictures of others, held back or not.
	RemoteImages int
}

// Cleaner cleans HTML. It is safe for concurrent use.
type Cleaner struct {
	policy *bluemonday.Policy
	styles styleCheck
}

// New makes a Cleaner.
func New() *Cleaner { return &Cleaner{policy: newPolicy(), styles: newStyleCheck()} }

// Clean works in time linear in the text, whatever the text is.
func (c *Cleaner) Clean(text string, options Options) Result {
	if text == "" {
		return Result{}
	}
	return c.settle(c.policy.Sanitize(text), options)
}

// settle decides about the addresses and styles in HTML that the policy has written.
func (c *Cleaner) settle(clean string, options Options) Result {
	var result Result
	var written strings.Builder
	written.Grow(len(clean))
	tokenizer := html.NewTokenizer(strings.NewReader(clean))
	for {
		kind := tokenizer.Next()
		if kind == html.ErrorToken {
			result.HTML = written.String()
			return result
		}
		if raw := tokenizer.Raw(); !concerns(kind, raw) {
			written.Write(raw)
			continue
		}
		token := tokenizer.Token()
		c.settleStyle(&token)
		if token.DataAtom == atom.Img {
			result.RemoteImages += settleImage(&token, options)
		} else {
			token.Attr = without(token.Attr, isContentID)
		}
		written.WriteString(token.String())
	}
}

// concerns tells whether a token can hold an address or a style, as the policy writes them.
func concerns(kind html.TokenType, raw []byte) bool {
	if kind != html.StartTagToken && kind != html.SelfClosingTagToken {
		return false
	}
	return bytes.HasPrefix(raw, []byte("<a ")) || bytes.HasPrefix(raw, []byte("<img ")) || bytes.Contains(raw, []byte(` style="`))
}

func (c *Cleaner) settleStyle(token *html.Token) {
	for i, attribute := range token.Attr {
		if attribute.Key == "style" {
			token.Attr[i].Val = c.styles.clean(attribute.Val)
		}
	}
	token.Attr = without(token.Attr, func(attribute html.Attribute) bool { return attribute.Key == "style" && attribute.Val == "" })
}

// settleImage leaves the address of a picture, gives it ours or takes it away, and counts it when it is of others.
func settleImage(token *html.Token, options Options) (remote int) {
	for i, attribute := range token.Attr {
		if attribute.Key != "src" {
			continue
		}
		switch {
		case isContentID(attribute):
			ours, ok := "", false
			if options.Inline != nil {
				ours, ok = options.Inline(contentIDOf(attribute.Val))
			}
			if ok {
				token.Attr[i].Val = ours
				return 0
			}
		case isRemote(attribute):
			if options.ShowRemote {
				_, rest, _ := strings.Cut(attribute.Val, ":")
				token.Attr[i].Val = "https:" + rest
				return 1
			}
			remote = 1
		}
	}
	token.Attr = without(token.Attr, func(attribute html.Attribute) bool { return attribute.Key == "src" })
	return remote
}

func without(attributes []html.Attribute, unwanted func(html.Attribute) bool) []html.Attribute {
	kept := attributes[:0]
	for _, attribute := range attributes {
		if !unwanted(attribute) {
			kept = append(kept, attribute)
		}
	}
	return kept
}

func isContentID(attribute html.Attribute) bool {
	return (attribute.Key == "src" || attribute.Key == "href") && hasScheme(attribute.Val, "cid:")
}

func isRemote(attribute html.Attribute) bool {
	return hasScheme(attribute.Val, "http:") || hasScheme(attribute.Val, "https:")
}

func hasScheme(address, scheme string) bool {
	return len(address) >= len(scheme) && strings.EqualFold(address[:len(scheme)], scheme)
}
