package webhook_test

import (
	"net/http"
	"net/url"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/proto"

	"github.com/galaxyco-ai/conversations/pkg/channel"
	"github.com/galaxyco-ai/conversations/pkg/event"
	"github.com/galaxyco-ai/conversations/pkg/seal"
	"github.com/galaxyco-ai/conversations/pkg/workspace"
	bucketv1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/bucket/v1"
	webhook "github.com/galaxyco-ai/conversations/services/inbound-webhook"
)

const (
	ownAccount = "0197a000-0000-7000-8000-0000000000c1"
	ownNumber  = "+14155550177"
	ownToken   = "R4NDQMTOKENQFTHEWORKSPACE1"
	ownKey     = "PSK_the_key_of_the_workspace"
)

// owner is a workspace with a credential of its own at the provider of texts.
type owner struct {
	*rig
	keys      *seal.Keys
	workspace workspace.ID
}

func newOwner(t *testing.T) *owner {
	t.Helper()
	o := newUnstartedOwner(t)
	o.start(t, o.sealing(t, o.keys))
	return o
}

// sealing is the configuration with keys.
func (o *owner) sealing(t *testing.T, keys *seal.Keys) webhook.Config {
	t.Helper()
	cfg := o.config(t)
	private, err := keys.JSON()
	require.NoError(t, err)
	cfg.Sealing.Keys = string(private)
	return cfg
}

func newUnstartedOwner(t *testing.T) *owner {
	t.Helper()
	keys, err := seal.Generate()
	require.NoError(t, err)
	o := &owner{rig: newUnstartedRig(t), keys: keys, workspace: workspace.NewID()}
	o.save(t, o.workspace, ownKey)
	own := o.sms
	own.Account, own.Address = ownAccount, ownNumber
	o.route(t, o.workspace, own, "sms", "0197a000-0000-7000-8000-0000000000c2")
	o.route(t, o.workspace, own, "call", "0197a000-0000-7000-8000-0000000000c3")
	return o
}

// save keeps the credential, its signing key sealed for a workspace.
func (o *owner) save(t *testing.T, sealedFor workspace.ID, signing string) {
	t.Helper()
	public, err := o.keys.Public()
	require.NoError(t, err)
	sealer, err := seal.NewSealer(public)
	require.NoError(t, err)
	credential := &bucketv1.Credential{
		WorkspaceId: o.workspace.String(), Id: "c1", Provider: o.sms.Provider, ProviderAccount: ownAccount, Token: ownToken,
		Values:  map[string]string{"project_id": ownAccount, "space_url": "own.signalwire.com", "phone_number": ownNumber},
		Secrets: map[string]*bucketv1.SealedSecret{},
	}
	for field, secret := range map[string]string{"token": "PT_own", "signing_key": signing} {
		sealed, err := sealer.Seal(secret, seal.Place{Workspace: sealedFor, Credential: "c1", Field: field})
		require.NoError(t, err)
		credential.Secrets[field] = &bucketv1.SealedSecret{Sealed: sealed}
	}
	value, err := proto.Marshal(credential)
	require.NoError(t, err)
	bucket, err := o.bus.Bucket(t.Context(), event.BucketCredentials)
	require.NoError(t, err)
	_, err = bucket.Put(t.Context(), event.CredentialKey(o.workspace, "c1"), value)
	require.NoError(t, err)
}

func (o *owner) path() string { return o.smsPath() + "/" + ownToken }

// own is a text to the workspace's own number, signed with a key.
func (o *owner) own(path, id, key string) call {
	fields := o.message(id)
	fields.Set("AccountSid", ownAccount)
	fields.Set("To", ownNumber)
	return o.signedBy(key, path, fields)
}

func (o *owner) signedBy(key, path string, fields url.Values) call {
	other := *o.rig
	other.sms.SigningKey = key
	return other.signedForm(path, fields)
}

func TestOwn_AWebhookComesInByItsCredentialAlone(t *testing.T) {
	t.Parallel()
	o := newOwner(t)
	require.Equal(t, http.StatusOK, o.send(t, o.own(o.path(), "SM-own", ownKey)).status)
	got := inbound(t, o.rig)
	require.Len(t, got, 1)
	require.Equal(t, o.workspace.String(), got[0].GetWorkspaceId())
	require.Equal(t, ownNumber, got[0].GetTo())

	for name, refused := range map[string]call{
		"the platform's key":                   o.own(o.path(), "SM-2", o.sms.SigningKey),
		"another token":                        o.own(o.smsPath()+"/another", "SM-3", ownKey),
		"no token":                             o.own(o.smsPath(), "SM-4", ownKey),
		"another provider's path":              o.own("/api/webhooks/twilio/"+ownToken, "SM-5", ownKey),
		"another workspace's number":           o.signedBy(ownKey, o.path(), o.message("SM-6")),
		"the platform's own webhook, by token": o.signedForm(o.path(), o.message("SM-7")),
	} {
		o.send(t, refused)
		require.Len(t, inbound(t, o.rig), 1, name)
	}
	require.Len(t, quarantine(t, o.rig), 6, "nothing is dropped")
}

func TestOwn_AReceiptOfAnotherWorkspaceIsNotTaken(t *testing.T) {
	t.Parallel()
	o := newOwner(t)
	news := func(ws, from string) call {
		path := o.path() + "?" + channel.CallbackQuery(channel.Outbound{
			WorkspaceID: ws, MessageID: "0197a000-0000-7000-8000-00000000dead", Attempt: 1, Kind: channel.SMS,
		}).Encode()
		return o.signedBy(ownKey, path, url.Values{
			"MessageSid": {"SM-sent"}, "AccountSid": {ownAccount}, "From": {from}, "To": {customer}, "MessageStatus": {"delivered"},
		})
	}
	require.Equal(t, http.StatusOK, o.send(t, news(o.rig.workspace.String(), o.sms.Address)).status)
	require.Empty(t, receipts(t, o.rig))
	require.Equal(t, http.StatusOK, o.send(t, news(o.workspace.String(), ownNumber)).status)
	require.Len(t, receipts(t, o.rig), 1)
	require.Equal(t, o.workspace.String(), receipts(t, o.rig)[0].GetWorkspaceId())
}

func TestOwn_ACallGoesOnAtTheAddressItCameBy(t *testing.T) {
	t.Parallel()
	o := newUnstartedOwner(t)
	settings, err := proto.Marshal(&bucketv1.CallSettings{WorkspaceId: o.workspace.String(), Voicemail: true})
	require.NoError(t, err)
	bucket, err := o.bus.Bucket(t.Context(), event.BucketCalls)
	require.NoError(t, err)
	_, err = bucket.Put(t.Context(), event.CallSettingsKey(o.workspace), settings)
	require.NoError(t, err)
	o.start(t, o.sealing(t, o.keys))
	answer := o.send(t, o.signedBy(ownKey, o.path(), url.Values{
		"CallSid": {"CA-own"}, "AccountSid": {ownAccount}, "From": {customer}, "To": {ownNumber}, "CallStatus": {"ringing"},
		"Direction": {"inbound"},
	}))
	require.Equal(t, http.StatusOK, answer.status)
	require.Contains(t, answer.body, publicURL+o.path())
}

func TestOwn_AReplacedKeyCountsAtOnce(t *testing.T) {
	t.Parallel()
	o := newOwner(t)
	require.Equal(t, http.StatusOK, o.send(t, o.own(o.path(), "SM-1", ownKey)).status)
	o.save(t, o.workspace, "PSK_a_new_one")
	require.Eventually(t, func() bool {
		return o.send(t, o.own(o.path(), "SM-2", "PSK_a_new_one")).status == http.StatusOK
	}, 10*time.Second, 10*time.Millisecond)
	require.NotEqual(t, http.StatusOK, o.send(t, o.own(o.path(), "SM-3", ownKey)).status)
	o.save(t, workspace.NewID(), ownKey) // moved from another workspace: it does not open
	require.Eventually(t, func() bool {
		return o.send(t, o.own(o.path(), "SM-4", "PSK_a_new_one")).status != http.StatusOK
	}, 10*time.Second, 10*time.Millisecond)
}

func TestOwn_WrongKeysRefuseToStart(t *testing.T) {
	t.Parallel()
	o := newUnstartedOwner(t)
	others, err := seal.Generate()
	require.NoError(t, err)
	require.ErrorContains(t, webhook.Run(t.Context(), o.sealing(t, others)), "sealing keys")
}
