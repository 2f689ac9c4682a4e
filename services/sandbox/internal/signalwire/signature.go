package signalwire

import (
	"context"
	"crypto/hmac"
	"crypto/sha1" //nolint:gosec // the provider's own scheme
	"encoding/base64"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// SignatureHeader is where the signature of a callback is.
const SignatureHeader = "X-Signalwire-Signature"

// Sign signs a form callback: base64 of HMAC-SHA1 over the URL and, by ascending name, each name with each of its
// values in the order they were submitted.
func Sign(key, rawURL string, form url.Values) string {
	mac := hmac.New(sha1.New, []byte(key))
	mac.Write([]byte(rawURL))
	for _, name := range slices.Sorted(maps.Keys(form)) {
		for _, value := range form[name] {
			mac.Write([]byte(name + value))
		}
	}
	return base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

func (a *API) signedRequest(rawURL string, form url.Values) func(context.Context) (*http.Request, error) {
	return func(ctx context.Context) (*http.Request, error) {
		request, err := http.NewRequestWithContext(ctx, http.MethodPost, rawURL, strings.NewReader(form.Encode()))
		if err != nil {
			return nil, fmt.Errorf("making the request: %w", err)
		}
		request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		request.Header.Set(SignatureHeader, Sign(a.config.SigningKey, rawURL, form))
		return request, nil
	}
}
