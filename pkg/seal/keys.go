package seal

import (
	"bytes"
	"errors"
	"fmt"

	"github.com/tink-crypto/tink-go/v2/hybrid"
	"github.com/tink-crypto/tink-go/v2/insecurecleartextkeyset"
	"github.com/tink-crypto/tink-go/v2/keyset"
	tinkpb "github.com/tink-crypto/tink-go/v2/proto/tink_go_proto"
	"github.com/tink-crypto/tink-go/v2/tink"
)

// ErrKeys is returned for keys that cannot be used: not a keyset, without a primary key, of another kind, or the public
// part where the private one is needed.
var ErrKeys = errors.New("unusable sealing keys")

// Keys are private keys: whoever has them can open what is sealed. They do not change; Rotate and Retire make others.
type Keys struct{ handle *keyset.Handle }

// Generate makes a keyset of one key.
func Generate() (*Keys, error) {
	handle, err := keyset.NewHandle(template())
	if err != nil {
		return nil, fmt.Errorf("making a sealing key: %w", err)
	}
	return &Keys{handle}, nil
}

func template() *tinkpb.KeyTemplate {
	return hybrid.DHKEM_X25519_HKDF_SHA256_HKDF_SHA256_AES_256_GCM_Key_Template()
}

// ParseKeys reads a keyset that JSON or EncryptedJSON wrote. kek decrypts an encrypted one; nil reads one in clear.
func ParseKeys(text []byte, kek tink.AEAD) (*Keys, error) {
	var handle *keyset.Handle
	var err error
	if kek == nil {
		handle, err = insecurecleartextkeyset.Read(keyset.NewJSONReader(bytes.NewReader(text)))
	} else {
		handle, err = keyset.Read(keyset.NewJSONReader(bytes.NewReader(text)), kek)
	}
	if err != nil {
		return nil, ErrKeys // what Tink says of it may quote it
	}
	keys := &Keys{handle}
	if _, err := keys.Opener(); err != nil {
		return nil, err
	}
	return keys, nil
}

// JSON is the keyset in clear: it is a secret.
func (k *Keys) JSON() ([]byte, error) {
	var text bytes.Buffer
	if err := insecurecleartextkeyset.Write(k.handle, keyset.NewJSONWriter(&text)); err != nil {
		return nil, fmt.Errorf("writing the sealing keys: %w", err)
	}
	return text.Bytes(), nil
}

// EncryptedJSON is the keyset encrypted with a key that a key management service keeps.
func (k *Keys) EncryptedJSON(kek tink.AEAD) ([]byte, error) {
	var text bytes.Buffer
	if err := k.handle.Write(keyset.NewJSONWriter(&text), kek); err != nil {
		return nil, fmt.Errorf("writing the sealing keys: %w", err)
	}
	return text.Bytes(), nil
}

// Public is the part of the keyset that seals, as JSON. It is no secret.
func (k *Keys) Public() ([]byte, error) {
	public, err := k.handle.Public()
	if err != nil {
		return nil, ErrKeys
	}
	var text bytes.Buffer
	if err := public.WriteWithNoSecrets(keyset.NewJSONWriter(&text)); err != nil {
		return nil, fmt.Errorf("writing the public keys: %w", err)
	}
	return text.Bytes(), nil
}

// Rotate adds a key, which seals from now on.
func (k *Keys) Rotate() (*Keys, error) {
	manager := keyset.NewManagerFromHandle(k.handle)
	id, err := manager.Add(template())
	if err != nil {
		return nil, fmt.Errorf("adding a sealing key: %w", err)
	}
	if err := manager.SetPrimary(id); err != nil {
		return nil, fmt.Errorf("making a sealing key the primary one: %w", err)
	}
	return handleOf(manager)
}

// Retire takes a key out, which must not be the one that seals. What is sealed with it opens no more.
func (k *Keys) Retire(id uint32) (*Keys, error) {
	manager := keyset.NewManagerFromHandle(k.handle)
	if err := manager.Delete(id); err != nil {
		return nil, fmt.Errorf("%w: key %d cannot be retired: %w", ErrKeys, id, err)
	}
	return handleOf(manager)
}

func handleOf(manager *keyset.Manager) (*Keys, error) {
	handle, err := manager.Handle()
	if err != nil {
		return nil, fmt.Errorf("making a keyset: %w", err)
	}
	return &Keys{handle}, nil
}

// Primary is the id of the key that seals.
func (k *Keys) Primary() uint32 { return k.handle.KeysetInfo().GetPrimaryKeyId() }

// IDs are the ids of all keys, oldest first.
func (k *Keys) IDs() []uint32 { return idsOf(k.handle) }

func idsOf(handle *keyset.Handle) []uint32 {
	var ids []uint32
	for _, key := range handle.KeysetInfo().GetKeyInfo() {
		ids = append(ids, key.GetKeyId())
	}
	return ids
}
