package account

import (
	"crypto/rand"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// maxSlug keeps a slug short enough to be part of a mail address.
const maxSlug = 30

// slugOf writes a workspace name in the characters of a mail address and a path: a-z, 0-9 and single hyphens inside.
func slugOf(name string) string {
	var slug strings.Builder
	gap := false
	for _, r := range norm.NFKD.String(strings.ToLower(name)) {
		switch {
		case unicode.Is(unicode.Mn, r): // the accent of the letter before it
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9':
			if gap && slug.Len() > 0 {
				slug.WriteByte('-')
			}
			gap = false
			slug.WriteRune(r)
		default:
			gap = true
		}
	}
	if slug.Len() == 0 {
		return "workspace"
	}
	return cutSlug(slug.String(), maxSlug)
}

// distinctSlug makes a slug that nobody else will have, from one that is taken.
func distinctSlug(slug string) string {
	const suffix = 6
	return cutSlug(slug, maxSlug-suffix-1) + "-" + strings.ToLower(rand.Text()[:suffix])
}

func cutSlug(slug string, limit int) string {
	return strings.TrimRight(slug[:min(limit, len(slug))], "-")
}
