package api

import (
	"encoding/json"
	"reflect"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

func plainBodies() []string {
	return []string{
		`{"channel":"sms","to":"+14055550100","body":"hello"}`,
		` { "channel" : "sms" , "body" : "a \"quoted\" \\ word, {braces} and [brackets]" } `,
		`{"channel":"sms","body":null}`,
		`{"channel":"ünïcødé","body":"\u0041"}`,
		`{"channel":1.5e3,"body":true}`,
	}
}

func otherBodies() []string {
	return []string{
		``, `{`, `{}`, `[]`, `null`, `"text"`, `{"Channel":"sms"}`, `{"channel":"sms","BODY":"x"}`, `{"channel":"sms","":1}`, `{"none":1}`,
		`{"ch\u0061nnel":"sms"}`, `{"channel":"sms"}}`, `{"channel":"sms"} {}`, `{"channel":"sms",}`, `{"channel"`, `{"channel":`, `{"channel":"sms`,
		`{"channel":"sms" "body":"x"}`, `{"attachments":[{"Id":"x"}]}`, `{"template":{"ID":"x"}}`, `{"template": {"id":"x"}}`, `{"cc":["a"]}`,
		`{"channel":"sms","body":1[}`, `{"channel":"sms\\"}`[:17],
	}
}

func TestOnlyAnExactlySpelledPlainBodyIsNotLookedAtAgain(t *testing.T) {
	t.Parallel()
	var known sync.Map
	target := reflect.TypeFor[Communication]()
	for _, body := range plainBodies() {
		require.True(t, isSpelledPlainly([]byte(body), target, &known), body)
		require.NoError(t, checkSpelling([]byte(body), target), body)
	}
	for _, body := range otherBodies() {
		require.False(t, isSpelledPlainly([]byte(body), target, &known), body)
	}
	require.False(t, isSpelledPlainly([]byte(`{"Value":1}`), reflect.TypeFor[Nullable[int]](), &known))
	require.False(t, isSpelledPlainly([]byte(`{"channel":"sms"}`), reflect.TypeFor[any](), &known))
}

func FuzzSpelling(f *testing.F) {
	for _, body := range append(plainBodies(), otherBodies()...) {
		f.Add([]byte(body))
	}
	var known sync.Map
	target := reflect.TypeFor[Communication]()
	f.Fuzz(func(t *testing.T, data []byte) {
		if isSpelledPlainly(data, target, &known) && json.Valid(data) {
			require.NoError(t, checkSpelling(data, target))
		}
	})
}
