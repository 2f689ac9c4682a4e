package systemtest_test

import (
	"context"
	"crypto/hmac"
	"crypto/sha1"
	"encoding/base64"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/galaxyco-ai/conversations/services/sandbox"
)

// postText posts the webhook of a text message that a customer wrote, signed as the provider signs it, and returns the
// status of the answer; 0 when there was none.
func (s *system) postText(from, to, body string) int {
	target := s.webhook + "/api/webhooks/signalwire"
	form := url.Values{
		"MessageSid": {uuid.NewString()}, "AccountSid": {sandbox.SignalWireProject},
		"From": {from}, "To": {to}, "Body": {body}, "NumMedia": {"0"},
	}
	signed := hmac.New(sha1.New, []byte(sandbox.SignalWireSigningKey))
	signed.Write([]byte(target))
	for _, key := range slices.Sorted(maps.Keys(form)) {
		signed.Write([]byte(key + form.Get(key)))
	}
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, target, strings.NewReader(form.Encode()))
	if err != nil {
		return 0
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	request.Header.Set("X-SignalWire-Signature", base64.StdEncoding.EncodeToString(signed.Sum(nil)))
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return 0
	}
	_ = response.Body.Close()
	return response.StatusCode
}
