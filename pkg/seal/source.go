package seal

import (
	"errors"
	"fmt"
	"os"

	"github.com/tink-crypto/tink-go/v2/core/registry"
	"github.com/tink-crypto/tink-go/v2/tink"

	"github.com/galaxyco-ai/conversations/pkg/secretfile"
)

// Source says where private keys come from: the environment or a file, in clear or encrypted with a key of a key management
// service. Without either there are none, and workspaces have no credentials of their own.
type Source struct {
	// Keys is the keyset as JSON, File the name of a file that holds it.
	Keys string `env:"CONVERSATIONS_SEALING_KEYS" secret:"true"`
	File string `env:"CONVERSATIONS_SEALING_KEYS_FILE"`
	// KMS is the URI of the key that the keyset is encrypted with, as Tink writes it; empty for a keyset in clear. The
	// program has to have registered a client for it.
	KMS string `env:"CONVERSATIONS_SEALING_KEYS_KMS"`
}

// PublicSource says where public keys come from.
type PublicSource struct {
	Keys string `env:"CONVERSATIONS_SEALING_PUBLIC_KEYS"`
	File string `env:"CONVERSATIONS_SEALING_PUBLIC_KEYS_FILE"`
}

// Load reads the keys and makes their Opener; nil when there are none. Keys that cannot be used are an error.
func (s Source) Load() (*Opener, error) {
	text, err := read("CONVERSATIONS_SEALING_KEYS", s.Keys, s.File)
	if err != nil || text == nil {
		return nil, err
	}
	return s.opener(text)
}

func (s Source) opener(text []byte) (*Opener, error) {
	kek, err := s.kek()
	if err != nil {
		return nil, err
	}
	keys, err := ParseKeys(text, kek)
	if err != nil {
		return nil, fmt.Errorf("reading the sealing keys: %w", err)
	}
	return keys.Opener()
}

func (s Source) kek() (tink.AEAD, error) {
	if s.KMS == "" {
		return nil, nil //nolint:nilnil // a keyset in clear
	}
	client, err := registry.GetKMSClient(s.KMS)
	if err != nil {
		return nil, fmt.Errorf("CONVERSATIONS_SEALING_KEYS_KMS: %w", err)
	}
	kek, err := client.GetAEAD(s.KMS)
	if err != nil {
		return nil, fmt.Errorf("CONVERSATIONS_SEALING_KEYS_KMS: %w", err)
	}
	return kek, nil
}

// Load reads the keys and makes their Sealer; nil when there are none.
func (s PublicSource) Load() (*Sealer, error) {
	text, err := read("CONVERSATIONS_SEALING_PUBLIC_KEYS", s.Keys, s.File)
	if err != nil || text == nil {
		return nil, err
	}
	sealer, err := NewSealer(text)
	if err != nil {
		return nil, fmt.Errorf("reading the public sealing keys: %w", err)
	}
	return sealer, nil
}

var errBoth = errors.New("is set, and so is the name of a file")

// read is the text itself or that of the file; nil when neither is given.
func read(name, text, file string) ([]byte, error) {
	switch {
	case text != "" && file != "":
		return nil, fmt.Errorf("%s %w", name, errBoth)
	case text != "":
		return []byte(text), nil
	case file == "":
		return nil, nil
	}
	held, err := os.ReadFile(file) //nolint:gosec // the operator names it
	if err != nil {
		return nil, fmt.Errorf("%s_FILE: %w", name, err)
	}
	return held, nil
}

// MakeFile makes keys in a file that only its owner reads, unless it is there, and returns their public part.
func MakeFile(name string) (public []byte, err error) {
	text, err := secretfile.Make(name, func() ([]byte, error) {
		keys, err := Generate()
		if err != nil {
			return nil, err
		}
		return keys.JSON()
	})
	if err != nil {
		return nil, fmt.Errorf("making the sealing keys: %w", err)
	}
	keys, err := ParseKeys(text, nil)
	if err != nil {
		return nil, fmt.Errorf("reading the sealing keys in %s: %w", name, err)
	}
	return keys.Public()
}
