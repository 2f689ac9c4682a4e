package seal

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"sync/atomic"
	"unicode/utf8"

	"github.com/tink-crypto/tink-go/v2/hybrid"
	"github.com/tink-crypto/tink-go/v2/keyset"
	"github.com/tink-crypto/tink-go/v2/tink"

	"github.com/galaxyco-ai/conversations/pkg/workspace"
)

const (
	// MaxSecret is the size of the longest secret that is sealed, in bytes.
	MaxSecret = 16 << 10
	// prefixSize is the size of Tink's output prefix: its version and the id of the key.
	prefixSize = 5
	// shown is how much of a secret is shown at its end, of one that is at least shortest long.
	shown    = 4
	shortest = 12
)

var (
	// ErrSealed is returned by Open for what does not open: damaged, moved, or sealed with another key.
	ErrSealed = errors.New("sealed secret does not open")
	// ErrTooLong is returned by Seal.
	ErrTooLong = errors.New("secret is too long")
)

// Place is where a secret belongs.
type Place struct {
	Workspace  workspace.ID
	Credential string
	Field      string
}

// context is the place without ambiguity: each part with its length.
func (p Place) context() []byte {
	var text []byte
	for _, part := range []string{"credential/1", p.Workspace.String(), p.Credential, p.Field} {
		text = binary.AppendUvarint(text, uint64(len(part)))
		text = append(text, part...)
	}
	return text
}

// Sealer seals. It cannot open. It is safe for concurrent use.
type Sealer struct {
	encrypter atomic.Pointer[tink.HybridEncrypt]
}

// NewSealer makes a Sealer from what Keys.Public wrote.
func NewSealer(public []byte) (*Sealer, error) {
	handle, err := keyset.ReadWithNoSecrets(keyset.NewJSONReader(bytes.NewReader(public)))
	if err != nil {
		return nil, ErrKeys // also private keys, which have no business here
	}
	encrypter, err := hybrid.NewHybridEncrypt(handle)
	if err != nil {
		return nil, ErrKeys
	}
	s := &Sealer{}
	s.encrypter.Store(&encrypter)
	return s, nil
}

// Use seals with the keys of another Sealer from now on.
func (s *Sealer) Use(other *Sealer) { s.encrypter.Store(other.encrypter.Load()) }

// Seal seals a secret for its place. The same secret never looks the same twice.
func (s *Sealer) Seal(secret string, place Place) ([]byte, error) {
	if len(secret) > MaxSecret {
		return nil, ErrTooLong
	}
	sealed, err := (*s.encrypter.Load()).Encrypt([]byte(secret), place.context())
	if err != nil {
		return nil, fmt.Errorf("sealing: %w", err)
	}
	return sealed, nil
}

// Opener opens. It is safe for concurrent use.
type Opener struct {
	decrypter tink.HybridDecrypt
	sealer    *Sealer
	ids       []uint32
	primary   uint32
}

// Opener makes an Opener of the keys.
func (k *Keys) Opener() (*Opener, error) {
	decrypter, err := hybrid.NewHybridDecrypt(k.handle)
	if err != nil {
		return nil, ErrKeys
	}
	public, err := k.Public()
	if err != nil {
		return nil, err
	}
	sealer, err := NewSealer(public)
	if err != nil {
		return nil, err
	}
	return &Opener{decrypter: decrypter, sealer: sealer, ids: k.IDs(), primary: k.Primary()}, nil
}

// Reseal is what was sealed for the place, sealed with the key that seals now. It returns ErrSealed.
func (o *Opener) Reseal(sealed []byte, place Place) ([]byte, error) {
	secret, err := o.Open(sealed, place)
	if err != nil {
		return nil, err
	}
	return o.sealer.Seal(secret, place)
}

// Open opens what was sealed for the place.
func (o *Opener) Open(sealed []byte, place Place) (string, error) {
	secret, err := o.decrypter.Decrypt(sealed, place.context())
	if err != nil {
		return "", ErrSealed
	}
	return string(secret), nil
}

// Knows tells whether the key is here that a secret was sealed with. One that is not here means wrong keys rather than a
// damaged secret.
func (o *Opener) Knows(sealed []byte) bool {
	id, ok := KeyID(sealed)
	return ok && slices.Contains(o.ids, id)
}

// Outdated tells whether a secret was sealed with another key than the one that seals now.
func (o *Opener) Outdated(sealed []byte) bool {
	id, ok := KeyID(sealed)
	return !ok || id != o.primary
}

// KeyID is the id of the key a secret was sealed with.
func KeyID(sealed []byte) (id uint32, ok bool) {
	if len(sealed) <= prefixSize || sealed[0] != 1 {
		return 0, false
	}
	return binary.BigEndian.Uint32(sealed[1:prefixSize]), true
}

// Last4 are the last four characters of a secret, by which people recognise it; empty for a short one.
func Last4(secret string) string {
	if utf8.RuneCountInString(secret) < shortest {
		return ""
	}
	runes := []rune(secret)
	return string(runes[len(runes)-shown:])
}

// Fingerprint tells whether a secret is the one that was there before: eight hexadecimal digits, others at each place. It is
// so short that it proves no guess of a secret that can be guessed.
func Fingerprint(secret string, place Place) string {
	mac := hmac.New(sha256.New, place.context())
	mac.Write([]byte(secret))
	return hex.EncodeToString(mac.Sum(nil)[:4])
}
