package markup

import (
	"net/url"
	"regexp"
	"strings"

	"github.com/microcosm-cc/bluemonday"
)

// newPolicy takes what mails are written with and what cannot run, load, cover the page or ask for a password. What is
// not named here is taken away.
func newPolicy() *bluemonday.Policy {
	policy := bluemonday.NewPolicy()
	policy.AllowElements(
		"html", "body", "div", "p", "br", "hr", "span", "pre", "code", "blockquote", "q", "cite", "center", "font",
		"h1", "h2", "h3", "h4", "h5", "h6", "b", "strong", "i", "em", "u", "s", "strike", "del", "ins", "sub", "sup", "small", "big", "tt",
		"mark", "abbr", "acronym", "address", "article", "aside", "section", "header", "footer", "main", "figure", "figcaption",
		"ul", "ol", "li", "dl", "dt", "dd",
		"table", "caption", "colgroup", "col", "thead", "tbody", "tfoot", "tr", "th", "td",
		"a", "img",
	)
	policy.SkipElementsContent("title", "textarea", "select", "template", "svg", "math", "audio", "video", "canvas")
	policy.AllowElementsContent("frame", "frameset") // of which the first has no end, and would take away all that follows
	allowAttributes(policy)
	allowAddresses(policy)
	policy.AllowAttrs("style").Globally() // checked by styleCheck
	return policy
}

func allowAttributes(policy *bluemonday.Policy) {
	word := regexp.MustCompile(`^[a-zA-Z-]{1,30}$`)
	length := regexp.MustCompile(`^[0-9]{1,5}(\.[0-9]{1,5})?(px|%)?$`)
	number := regexp.MustCompile(`^[+-]?[0-9]{1,5}$`)
	color := regexp.MustCompile(`^(#[0-9a-fA-F]{3,8}|[a-zA-Z]{1,30})$`)
	policy.AllowAttrs("dir").Matching(regexp.MustCompile(`^(?i:ltr|rtl|auto)$`)).Globally()
	policy.AllowAttrs("lang").Matching(regexp.MustCompile(`^[a-zA-Z0-9-]{1,35}$`)).Globally()
	policy.AllowAttrs("title").Globally()
	policy.AllowAttrs("align", "valign").Matching(word).Globally()
	policy.AllowAttrs("width", "height").Matching(length).OnElements("table", "td", "th", "tr", "col", "colgroup", "img", "hr")
	policy.AllowAttrs("border", "cellpadding", "cellspacing").Matching(length).OnElements("table", "img")
	policy.AllowAttrs("colspan", "rowspan", "span").Matching(number).OnElements("td", "th", "col", "colgroup")
	policy.AllowAttrs("bgcolor").Matching(color).OnElements("table", "td", "th", "tr", "body")
	policy.AllowAttrs("color").Matching(color).OnElements("font")
	policy.AllowAttrs("size").Matching(number).OnElements("font", "hr")
	policy.AllowAttrs("face").Matching(regexp.MustCompile(`^[a-zA-Z0-9 ,'"_-]{1,200}$`)).OnElements("font")
	policy.AllowAttrs("start").Matching(number).OnElements("ol")
	policy.AllowAttrs("type").Matching(word).OnElements("ol", "ul", "li")
	policy.AllowAttrs("alt").OnElements("img")
	policy.AllowNoAttrs().OnElements("span", "font", "a", "img", "html", "body")
}

func allowAddresses(policy *bluemonday.Policy) {
	policy.RequireParseableURLs(true)
	policy.AllowRelativeURLs(false)
	policy.AllowURLSchemes("http", "https", "mailto", "tel", "cid")
	policy.AllowAttrs("href").OnElements("a")
	policy.AllowAttrs("src").OnElements("img")
	policy.RequireNoFollowOnLinks(true)
	policy.RequireNoReferrerOnLinks(true)
	policy.AddTargetBlankToFullyQualifiedLinks(true)
}

// contentIDOf is the Content-ID of a cid: address (RFC 2392).
func contentIDOf(address string) string {
	_, id, _ := strings.Cut(address, ":")
	if plain, err := url.PathUnescape(id); err == nil {
		id = plain
	}
	return strings.Trim(id, "<>")
}
