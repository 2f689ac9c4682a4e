package markup_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/net/html"

	"github.com/galaxyco-ai/conversations/services/gateway/internal/markup"
)

const ours = "/api/messages/m/attachments/"

// inline knows the pictures a and b.
func inline(contentID string) (string, bool) {
	return ours + contentID, contentID == "a@example.net" || contentID == "b c"
}

func TestClean(t *testing.T) {
	t.Parallel()
	cleaner := markup.New()
	for name, c := range map[string]struct{ from, want string }{
		"text":                    {"hello & <b>bold</b>", "hello &amp; <b>bold</b>"},
		"nothing":                 {"", ""},
		"script":                  {"a<script>alert(1)</script>b", "ab"},
		"script that never ends":  {"a<script>alert(1)", "a"},
		"script in another case":  {"a<ScRiPt>alert(1)</sCrIpT>b", "ab"},
		"script cut in two":       {"<scr<script>ipt>alert(1)</scr</script>ipt>", "ipt&gt;alert(1)ipt&gt;"},
		"handler":                 {`<p onclick="alert(1)" OnLoad=alert(1)>x</p>`, "<p>x</p>"},
		"handler of a picture":    {`<img src=x onerror=alert(1)>`, "<img>"},
		"javascript address":      {`<a href="javascript:alert(1)">x</a>`, "<a>x</a>"},
		"javascript, disguised":   {`<a href=" java&#10;script&colon;alert(1)">x</a>`, "<a>x</a>"},
		"data address":            {`<a href="data:text/html,<script>alert(1)</script>">x</a>`, "<a>x</a>"},
		"data picture":            {`<img src="data:image/svg+xml;base64,PHN2Zz4=">`, "<img>"},
		"vbscript address":        {`<a href="vbscript:x">x</a>`, "<a>x</a>"},
		"file address":            {`<a href="file:///etc/passwd">x</a>`, "<a>x</a>"},
		"address of our own":      {`<img src="/api/me"><a href="/api/auth/logout">x</a>`, "<img><a>x</a>"},
		"address without scheme":  {`<img src="//evil.example/x.png">`, "<img>"},
		"picture":                 {`<svg onload=alert(1)><script>alert(1)</script><image href=x></svg>x`, "x"},
		"formula":                 {`<math><mi xlink:href="javascript:alert(1)">x</mi></math>y`, "y"},
		"style sheet":             {`<style>@import url(//evil.example); body{background:url(//evil.example)}</style>x`, "x"},
		"linked style sheet":      {`<link rel=stylesheet href=https://evil.example/x.css>x`, "x"},
		"style that loads":        {`<p style="background:url(https://evil.example/x)">x</p>`, "<p>x</p>"},
		"style that escapes":      {`<p style="background:u\72l(https://evil.example)">x</p>`, "<p>x</p>"},
		"style that hides in one": {`<p style="color:red;background:/**/url(x);font-size:12px">x</p>`, `<p style="color:red;font-size:12px">x</p>`},
		"style that runs":         {`<p style="width:expression(alert(1))">x</p>`, "<p>x</p>"},
		"style that covers":       {`<p style="position:fixed;top:0;left:0;z-index:9">x</p>`, "<p>x</p>"},
		"style with a variable":   {`<p style="color:var(--x)">x</p>`, "<p>x</p>"},
		"style that imports":      {`<p style="@import 'https://evil.example/x.css';color:red">x</p>`, `<p style="color:red">x</p>`},
		"style that is fine":      {`<td style="COLOR: #ff0000 !important; font-family: 'Open Sans', Arial; margin:0 auto">x</td>`, `<td style="color:#ff0000 !important;font-family:&#39;Open Sans&#39;, Arial;margin:0 auto">x</td>`},
		"style with colours":      {`<p style="color:rgba(1, 2, 3, .5)">x</p>`, `<p style="color:rgba(1, 2, 3, .5)">x</p>`},
		"meta refresh":            {`<meta http-equiv=refresh content="0;url=https://evil.example">x`, "x"},
		"base":                    {`<base href="https://evil.example/">x`, "x"},
		"form":                    {`<form action=https://evil.example><input type=password name=p><button>Log in</button></form>x`, "Log inx"},
		"frame":                   {`<iframe src=https://evil.example></iframe><frame src=x><object data=x></object><embed src=x>x`, "x"},
		"srcset":                  {`<img srcset="https://evil.example/x 2x" src="">`, "<img>"},
		"picture element":         {`<picture><source srcset=https://evil.example/x><img src=cid:a@example.net></picture>`, `<img src="` + ours + `a@example.net">`},
		"background attribute":    {`<table background=https://evil.example/x><tr><td background=x>y</td></tr></table>`, "<table><tr><td>y</td></tr></table>"},
		"sound and film":          {`<video poster=https://evil.example/x><source src=y></video><audio src=x></audio>z`, "z"},
		"comment":                 {`a<!-- <script>alert(1)</script> -->b<!--[if mso]>c<![endif]-->`, "ab"},
		"doctype":                 {`<!DOCTYPE html><html><head><title>t</title></head><body>x</body></html>`, "<html><body>x</body></html>"},
		"name of ours":            {`<p id=root class=modal name=x>x</p>`, "<p>x</p>"},
		"link":                    {`<a href="https://example.com/?a=1&amp;b=2" target=_self>x</a>`, `<a href="https://example.com/?a=1&amp;b=2" rel="nofollow noreferrer noopener" target="_blank">x</a>`},
		"link to a mailbox":       {`<a href="mailto:a@example.com">x</a>`, `<a href="mailto:a@example.com" rel="nofollow noreferrer">x</a>`},
		"link to a part":          {`<a href="cid:a@example.net">x</a>`, `<a rel="nofollow noreferrer">x</a>`},
		"part":                    {`<img src="cid:a@example.net" alt="A" width=10 height="5px">`, `<img src="` + ours + `a@example.net" alt="A" width="10" height="5px">`},
		"part with an escape":     {`<img src="CID:b%20c">`, `<img src="` + ours + `b c">`},
		"part that is not there":  {`<img src="cid:z@example.net" alt="Z">`, `<img alt="Z">`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			require.Equal(t, c.want, cleaner.Clean(c.from, markup.Options{Inline: inline}).HTML)
		})
	}
}

func TestClean_pictures_of_others(t *testing.T) {
	t.Parallel()
	cleaner := markup.New()
	const text = `<img src="https://example.net/a.png" alt="A"><img src="HTTP://example.net/b.gif"><img src="cid:a@example.net"><img>`

	t.Run("are held back and counted", func(t *testing.T) {
		t.Parallel()
		got := cleaner.Clean(text, markup.Options{Inline: inline})
		require.Equal(t, `<img alt="A"><img><img src="`+ours+`a@example.net"><img>`, got.HTML)
		require.Equal(t, 2, got.RemoteImages)
	})

	t.Run("are there over HTTPS when a person wants them, and counted all the same", func(t *testing.T) {
		t.Parallel()
		got := cleaner.Clean(text, markup.Options{ShowRemote: true})
		require.Equal(t, `<img src="https://example.net/a.png" alt="A"><img src="https://example.net/b.gif"><img><img>`, got.HTML)
		require.Equal(t, 2, got.RemoteImages)
	})
}

// TestClean_ends feeds it what makes parsers slow, or never end. A text of a mebibyte takes a tenth of a second on an idle
// machine; the bound is for one that is not.
func TestClean_ends(t *testing.T) {
	t.Parallel()
	const size = 1 << 20
	cleaner := markup.New()
	check := func(t *testing.T, text string) {
		t.Helper()
		begun := time.Now()
		clean := cleaner.Clean(text, markup.Options{}).HTML
		require.Less(t, time.Since(begun), time.Minute)
		checkTokens(t, clean, false)
	}
	for name, part := range map[string]string{
		"elements": "<div>", "tables": "<table><tr><td>", "bold": `<b style="color:red">`, "unclosed links": `<a href='x`, "less-than": "<",
		"comments": "<!--", "pictures": "<img src=http://x>", "scripts": "<script>", "vectors": `<svg><p title='</svg>'>`, "titles": "<title>",
		"ends": "</div>", "entities": "&#x41", "attributes": `<p a=b c='d' style="color:red">`,
	} {
		t.Run("on many "+name, func(t *testing.T) {
			t.Parallel()
			check(t, strings.Repeat(part, size/len(part)))
		})
	}
	t.Run("on styles", func(t *testing.T) {
		t.Parallel()
		for _, part := range []string{"color:red;", "{", "initial ", `"`, "/*", "a(", "@a;", `\a`, "a ", ":", "rgb(", "&#39;x&#39;", "url("} {
			for _, before := range []string{"", "border:"} {
				check(t, "<p style='"+before+strings.Repeat(part, size/8/len(part))+"'>x")
			}
		}
	})
}

func FuzzClean(f *testing.F) {
	for _, text := range []string{
		"", "<p>x</p>", "<script>x</script>", `<img src="cid:a@example.net" onerror=x>`, `<a href="javascript:x">`, "<svg><style><img>",
		`<p style="color:red;background:url(x)">`, "<!--><img src=x>-->", "<math><mtext><table><mglyph><style><img src=x>", "<noscript><p title='</noscript><img>'>",
		"<textarea></textarea/><img src=x>", "<plaintext>", "<xmp><img></xmp>", "<a href='x'\x00>", "<\x00img>", "<title><a></title>",
	} {
		f.Add(text, true)
	}
	cleaner := markup.New()
	f.Fuzz(func(t *testing.T, text string, shown bool) {
		result := cleaner.Clean(text, markup.Options{Inline: inline, ShowRemote: shown})
		checkDocument(t, result.HTML, shown)
	})
}

// checkDocument reads the text as a browser does: what it makes of it may be another tree than was written.
func checkDocument(t *testing.T, text string, shown bool) {
	t.Helper()
	checkTokens(t, text, shown)
	root, err := html.Parse(strings.NewReader(text))
	if err != nil {
		return // nested too deep for the parser
	}
	forbidden := elements()
	for node := range root.Descendants() {
		require.NotEqual(t, html.CommentNode, node.Type)
		if node.Type == html.ElementNode {
			require.Empty(t, wrongWith(forbidden, node.Data, node.Attr, shown))
		}
	}
}

func checkTokens(t *testing.T, text string, shown bool) {
	t.Helper()
	forbidden := elements()
	tokenizer := html.NewTokenizer(strings.NewReader(text))
	for {
		kind := tokenizer.Next()
		if kind == html.ErrorToken {
			return
		}
		if kind != html.StartTagToken && kind != html.SelfClosingTagToken {
			continue
		}
		token := tokenizer.Token()
		if wrong := wrongWith(forbidden, token.Data, token.Attr, shown); wrong != "" {
			require.Fail(t, wrong)
		}
	}
}

// elements are those that run, load or ask.
func elements() map[string]bool {
	forbidden := map[string]bool{}
	for _, name := range []string{
		"script", "style", "iframe", "object", "embed", "form", "input", "button", "meta", "base", "link", "svg", "math", "video", "audio", "source",
		"textarea", "template", "noscript", "frame", "frameset", "title",
	} {
		forbidden[name] = true
	}
	return forbidden
}

// wrongWith is empty when an element does no harm.
func wrongWith(forbidden map[string]bool, name string, attributes []html.Attribute, shown bool) string {
	if forbidden[name] {
		return name
	}
	for _, attribute := range attributes {
		var fine bool
		value := strings.ToLower(attribute.Val)
		switch attribute.Key {
		case "src":
			fine = strings.HasPrefix(value, ours) || shown && strings.HasPrefix(value, "https:")
		case "href":
			fine = strings.HasPrefix(value, "http:") || strings.HasPrefix(value, "https:") || strings.HasPrefix(value, "mailto:") || strings.HasPrefix(value, "tel:")
		case "style":
			calls := strings.NewReplacer("rgb(", "", "rgba(", "", "hsl(", "", "hsla(", "").Replace(value)
			fine = !strings.ContainsAny(calls, `(\@*<>{}`) && !strings.HasPrefix(value, "position:") && !strings.Contains(value, ";position:")
		case "srcset", "background", "action", "formaction", "poster", "id", "class", "name":
			fine = false
		default:
			fine = !strings.HasPrefix(attribute.Key, "on")
		}
		if !fine {
			return name + " " + attribute.Key + "=" + attribute.Val
		}
	}
	return ""
}
