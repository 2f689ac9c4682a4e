package credential

import (
	"context"
	"fmt"

	"github.com/galaxyco-ai/conversations/pkg/channel"
)

// modePlatform is the mode of a message that leaves with the platform's own credential.
const modePlatform = "platform"

// Platform is the source of the platform's own credentials.
type Platform []channel.PlatformAccount

var _ Source = Platform(nil)

// Credential implements Source.
func (p Platform) Credential(_ context.Context, ref Ref) (Secret, error) {
	if ref.Mode != modePlatform {
		return Secret{}, fmt.Errorf("%w: mode %q", ErrNone, ref.Mode)
	}
	for _, account := range p {
		if account.Provider == ref.Provider {
			return Secret{Name: modePlatform + "/" + account.Provider, Values: account.Credential}, nil
		}
	}
	return Secret{}, fmt.Errorf("%w: the platform has none for %s", ErrNone, ref.Provider)
}
