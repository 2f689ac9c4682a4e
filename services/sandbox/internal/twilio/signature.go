package twilio

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

	"github.com/google/uuid"
)

// Sign signs a form callback: base64 of HMAC-SHA1 over the URL without its fragment and, by ascending name, each name
// with each of its different values in ascending order.
func Sign(token, rawURL string, form url.Values) string {
	rawURL, _, _ = strings.Cut(rawURL, "#")
	mac := hmac.New(sha1.New, []byte(token))
	mac.Write([]byte(rawURL))
	for _, name := range slices.Sorted(maps.Keys(form)) {
		for _, value := range slices.Compact(slices.Sorted(slices.Values(form[name]))) {
			mac.Write([]byte(name + value))
		}
	}
	return base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

// signedRequest makes the request of each attempt of one callback; all of them carry the same idempotency token.
func (a *API) signedRequest(rawURL string, form url.Values) func(context.Context) (*http.Request, error) {
	token := uuid.NewString()
	return func(ctx context.Context) (*http.Request, error) {
		request, err := http.NewRequestWithContext(ctx, http.MethodPost, rawURL, strings.NewReader(form.Encode()))
		if err != nil {
			return nil, fmt.Errorf("making the request: %w", err)
		}
		request.Header.Set("Content-Type", "application/x-www-form-urlencoded; charset=UTF-8")
		request.Header.Set("I-Twilio-Idempotency-Token", token)
		request.Header.Set("X-Twilio-Signature", Sign(a.config.Token, rawURL, form))
		return request, nil
	}
}
