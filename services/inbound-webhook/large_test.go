package webhook_test

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"mime/multipart"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/galaxyco-ai/conversations/pkg/bus/bustest"
	"github.com/galaxyco-ai/conversations/pkg/event"
	"github.com/galaxyco-ai/conversations/pkg/workspace"
	eventv1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/event/v1"
	webhook "github.com/galaxyco-ai/conversations/services/inbound-webhook"
)

const (
	mailParts = 1000
	mailSize  = 25 << 20
	mailbox   = "acme-1@mail.sandbox.test"
)

// parts are the files of a mail of about mailSize in base64.
func parts() []byte {
	content := bytes.Repeat([]byte("0123456789abcde\n"), mailSize*3/4/mailParts/16)
	return []byte(base64.StdEncoding.EncodeToString(content))
}

// parsedMail is a mail of a thousand files as a provider posts it that reads mails itself.
func parsedMail(t *testing.T, id string) call {
	t.Helper()
	files, content := make([]map[string]any, mailParts), string(parts())
	for i := range files {
		files[i] = map[string]any{"Name": fmt.Sprintf("%d.txt", i), "ContentType": "text/plain", "Content": content}
	}
	body, err := json.Marshal(map[string]any{
		"MessageID": id, "FromFull": map[string]any{"Email": "ana@example.com"}, "OriginalRecipient": mailbox,
		"ToFull": []map[string]any{{"Email": mailbox}}, "Subject": "Many", "TextBody": "see attached", "Attachments": files,
	})
	require.NoError(t, err)
	require.Greater(t, len(body), mailSize*9/10)
	header := http.Header{"Content-Type": {"application/json"}}
	header.Set("Authorization", "Basic "+base64.StdEncoding.EncodeToString([]byte("user:password")))
	return call{method: http.MethodPost, path: "/api/webhooks/postmark", body: body, header: header}
}

// rawMail is the same as a provider posts it that leaves the reading to us.
func rawMail(t *testing.T, key *ecdsa.PrivateKey, id string) call {
	t.Helper()
	var letter bytes.Buffer
	fmt.Fprintf(&letter, "From: ana@example.com\r\nTo: %s\r\nSubject: Many\r\nMessage-ID: <%s@example.com>\r\nMIME-Version: 1.0\r\n"+
		"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nsee attached\r\n", mailbox, id)
	content := parts()
	for i := range mailParts - 1 {
		fmt.Fprintf(&letter, "--b\r\nContent-Type: text/plain; name=%d.txt\r\nContent-Disposition: attachment; filename=%d.txt\r\n"+
			"Content-Transfer-Encoding: base64\r\n\r\n%s\r\n", i, i, content)
	}
	letter.WriteString("--b--\r\n")
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	require.NoError(t, form.WriteField("envelope", `{"to":["`+mailbox+`"],"from":"ana@example.com"}`))
	require.NoError(t, form.WriteField("email", letter.String()))
	require.NoError(t, form.Close())
	stamp := strconv.FormatInt(time.Now().Unix(), 10)
	sum := sha256.Sum256(append([]byte(stamp), body.Bytes()...))
	signature, err := ecdsa.SignASN1(rand.Reader, key, sum[:])
	require.NoError(t, err)
	header := http.Header{"Content-Type": {form.FormDataContentType()}}
	header.Set("X-Twilio-Email-Event-Webhook-Timestamp", stamp)
	header.Set("X-Twilio-Email-Event-Webhook-Signature", base64.StdEncoding.EncodeToString(signature))
	return call{method: http.MethodPost, path: "/api/webhooks/sendgrid", body: body.Bytes(), header: header}
}

// mailProgram is the real program with two providers of e-mail, so that what it takes of memory can be measured.
func mailProgram(t *testing.T, key *ecdsa.PrivateKey, more ...string) (*rig, *exec.Cmd) {
	t.Helper()
	der, err := x509.MarshalPKIXPublicKey(&key.PublicKey)
	require.NoError(t, err)
	public := base64.StdEncoding.EncodeToString(der)
	program := filepath.Join(t.TempDir(), "inbound-webhook")
	output, err := exec.CommandContext(t.Context(), "go", "build", "-o", program, "./cmd/inbound-webhook").CombinedOutput()
	require.NoError(t, err, string(output))
	r := &rig{server: bustest.Server(t), sms: readFixture(t, "sms.json"), workspace: workspace.NewID(), blobs: t.TempDir()}
	r.bus = bustest.Connect(t, r.server)
	require.NoError(t, r.bus.Ensure(t.Context(), event.Streams(), event.Buckets()))
	for _, provider := range []string{"postmark", "sendgrid"} {
		r.route(t, r.workspace, fixture{Provider: provider, Address: mailbox}, "email", "0197a000-0000-7000-8000-00000000000b")
	}
	running := r.process(t, program, append([]string{
		"POSTMARK_API_KEY=x", "POSTMARK_FROM_EMAIL=hello@mail.sandbox.test", "POSTMARK_WEBHOOK_USER=user",
		"POSTMARK_WEBHOOK_PASSWORD=password", "SENDGRID_API_KEY=SG.x", "SENDGRID_FROM_EMAIL=hello@mail.sandbox.test",
		"SENDGRID_WEBHOOK_PUBLIC_KEY=" + public, "SENDGRID_PARSE_PUBLIC_KEY=" + public,
		"CONVERSATIONS_BLOB_URL=file://" + r.blobs + "?no_tmp_dir=true",
	}, more...)...)
	return r, running
}

// peak ends the program and tells the most memory it had. Linux counts, in what it says of an ended process, the one
// that started it too; so it is asked before.
func peak(t *testing.T, running *exec.Cmd) int64 {
	t.Helper()
	said, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", running.Process.Pid))
	require.NoError(t, running.Process.Signal(syscall.SIGTERM))
	require.NoError(t, running.Wait())
	if err != nil {
		usage, ok := running.ProcessState.SysUsage().(*syscall.Rusage)
		require.True(t, ok)
		return usage.Maxrss // in bytes on the systems without that file
	}
	_, most, found := strings.Cut(string(said), "VmHWM:")
	require.True(t, found)
	kibibytes, err := strconv.ParseInt(strings.Fields(most)[0], 10, 64)
	require.NoError(t, err)
	return kibibytes << 10
}

func TestMail_of_a_thousand_parts_is_taken_in_bounded_memory(t *testing.T) {
	t.Parallel()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	for name, mail := range map[string]func(id string) call{
		"read by the provider": func(id string) call { return parsedMail(t, id) },
		"raw":                  func(id string) call { return rawMail(t, key, id) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r, running := mailProgram(t, key)
			for i := range 2 {
				c := mail("mail-" + strconv.Itoa(i))
				got := r.send(t, c)
				require.Equal(t, http.StatusOK, got.status, got.body)
			}
			events := inbound(t, r)
			require.Len(t, events, 2)
			checkLarge(t, r, events[0])
			most := peak(t, running)
			t.Logf("%s: %d MiB at most for mails of %d MiB", name, most>>20, mailSize>>20)
			require.Less(t, most, int64(512<<20))
		})
	}
}

// checkLarge proves that the mail is whole, but not in the event.
func checkLarge(t *testing.T, r *rig, message *eventv1.MessageReceived) {
	t.Helper()
	require.Empty(t, message.GetRaw().GetBody())
	kept, err := os.Stat(filepath.Join(r.blobs, filepath.FromSlash(message.GetRaw().GetBodyBlobKey())))
	require.NoError(t, err)
	require.Greater(t, kept.Size(), int64(mailSize*9/10))
	require.True(t, strings.HasPrefix(message.GetRaw().GetBodyBlobKey(), r.workspace.String()+"/"))
	require.Equal(t, "see attached", strings.TrimSpace(message.GetBody()))
	stored := 0
	for _, file := range message.GetAttachments() {
		if file.GetBlobKey() != "" {
			stored++
			continue
		}
		require.Equal(t, "too_many", file.GetMissingReason())
	}
	require.Equal(t, 32, stored)
	require.Len(t, message.GetAttachments(), 256)
}

func TestMails_that_find_no_room_are_to_come_again(t *testing.T) {
	t.Parallel()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	const mails, memory = 3, 600 << 20
	r, running := mailProgram(t, key, "CONVERSATIONS_WEBHOOK_MEMORY_BYTES="+strconv.Itoa(memory))
	bodies := make([]call, mails)
	for i := range bodies {
		bodies[i] = rawMail(t, key, "mail-"+strconv.Itoa(i))
	}
	var refused atomic.Int32
	var sending sync.WaitGroup
	for _, c := range bodies {
		sending.Go(func() {
			for {
				got, err := r.try(t.Context(), c)
				if err == nil && got.status == http.StatusOK || t.Context().Err() != nil {
					return
				}
				if err == nil && (got.status != http.StatusServiceUnavailable || got.header.Get("Retry-After") == "") {
					t.Errorf("status %d, Retry-After %q", got.status, got.header.Get("Retry-After"))
					return
				}
				refused.Add(1)
				<-time.After(100 * time.Millisecond)
			}
		})
	}
	sending.Wait()
	require.Len(t, inbound(t, r), mails, "each came in the end")
	require.Positive(t, refused.Load())
	most := peak(t, running)
	t.Logf("%d MiB at most for %d mails of %d MiB at once, %d times refused", most>>20, mails, mailSize>>20, refused.Load())
	require.Less(t, most, int64(memory))
}

func TestLarge_body_that_is_not_proved_is_kept_beside_its_event(t *testing.T) {
	t.Parallel()
	r := newRig(t, func(c *webhook.Config) { c.QuarantineBurst = 5000 })
	c := call{method: http.MethodPost, path: r.smsPath(), body: bytes.Repeat([]byte("x"), 2<<20)}
	require.Equal(t, http.StatusForbidden, r.send(t, c).status)
	kept := quarantine(t, r)
	require.Len(t, kept, 1)
	require.Empty(t, kept[0].GetRaw().GetBody())
	content, err := os.ReadFile(filepath.Join(r.blobs, filepath.FromSlash(kept[0].GetRaw().GetBodyBlobKey())))
	require.NoError(t, err)
	require.Equal(t, c.body, content)
}
