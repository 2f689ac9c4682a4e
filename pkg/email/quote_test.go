package email_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/galaxyco-ai/conversations/pkg/email"
)

// answer is what a person wrote above, below or between what a mail program quoted.
const answer = "Thanks, that works for me.\n\nBest\nAna"

func TestSplitQuote_parts_the_quotation_of_every_mail_program(t *testing.T) {
	t.Parallel()
	for name, quotation := range map[string]string{
		"Gmail":               "On Tue, Mar 17, 2026 at 10:29 PM Acme Support <hello@acme.example> wrote:\n\n> Does 10:00 work?\n>\n> Acme\n",
		"Gmail, broken line":  "On Tue, Mar 17, 2026 at 10:29 PM Acme Support and Everybody Else\n<hello@acme.example> wrote:\n\n> Does 10:00 work?\n",
		"Gmail, three lines":  "On Tue, Mar 17, 2026 at 10:29 PM\nAcme Support\n<hello@acme.example> wrote:\n> Does 10:00 work?\n",
		"Gmail, old":          "2026-03-17 22:29 GMT+01:00 Acme Support <hello@acme.example>:\n\n> Does 10:00 work?\n",
		"Apple Mail":          "> On 17 Mar 2026, at 22:29, Acme Support <hello@acme.example> wrote:\n> \n> Does 10:00 work?\n",
		"Yahoo, no marks":     "On Tuesday, March 17, 2026, 10:29:00 PM GMT+1, Acme <hello@acme.example> wrote: \n \n Does 10:00 work?\n",
		"Yahoo, broken line":  "On Tuesday, March 17, 2026, 10:29:00 PM GMT+1,\nAcme <hello@acme.example> wrote: \n \n Does 10:00 work?\n",
		"Outlook":             "From: Acme Support <hello@acme.example>\nSent: Tuesday, March 17, 2026 10:29 PM\nTo: Ana\nSubject: Re: Your order\n\nDoes 10:00 work?\n",
		"Outlook, with rule":  "________________________________\nFrom: Acme Support <hello@acme.example>\nSent: Tuesday, March 17, 2026 10:29 PM\nTo: Ana\nSubject: Re: Your order\n\nDoes 10:00 work?\n",
		"Outlook, bold":       "*From:* Acme Support <hello@acme.example>\n*Sent:* Tuesday, March 17, 2026 10:29 PM\n*To:* Ana\n*Subject:* Re: Your order\n\nDoes 10:00 work?\n",
		"Outlook, old":        "-----Original Message-----\nFrom: Acme Support\nSent: Tuesday, March 17, 2026 10:29 PM\n\nDoes 10:00 work?\n",
		"Proton":              "------- Original Message -------\nOn Tuesday, March 17th, 2026 at 22:29, Acme <hello@acme.example> wrote:\n\n> Does 10:00 work?\n",
		"Samsung":             "-------- Original message --------\nFrom: Acme <hello@acme.example>\nDate: 17/03/2026 22:29 (GMT+01:00)\nTo: Ana\nSubject: Re: Your order\n\nDoes 10:00 work?\n",
		"marks alone":         "> Does 10:00 work?\n> Acme\n",
		"nested marks":        "On Tue, Mar 17, 2026 at 10:29 PM Acme <hello@acme.example> wrote:\n>> When?\n> Does 10:00 work?\n",
		"Thunderbird":         "On 17.03.2026 22:29, Acme Support wrote:\n> Does 10:00 work?\n",
		"German Gmail":        "Am Di., 17. März 2026 um 22:29 Uhr schrieb Acme <hello@acme.example>:\n\n> Passt 10 Uhr?\n",
		"German, older":       "Acme <hello@acme.example> schrieb am Di., 17. März 2026, 22:29:\n\n> Passt 10 Uhr?\n",
		"German Outlook":      "Von: Acme Support <hello@acme.example>\nGesendet: Dienstag, 17. März 2026 22:29\nAn: Ana\nBetreff: AW: Ihre Bestellung\n\nPasst 10 Uhr?\n",
		"German separator":    "-----Ursprüngliche Nachricht-----\nVon: Acme Support\n\nPasst 10 Uhr?\n",
		"French Gmail":        "Le mar. 17 mars 2026 à 22:29, Acme <hello@acme.example> a écrit :\n\n> 10 h, ça va ?\n",
		"French Outlook":      "De : Acme Support <hello@acme.example>\nEnvoyé : mardi 17 mars 2026 22:29\nÀ : Ana\nObjet : RE: Votre commande\n\n10 h, ça va ?\n",
		"French separator":    "-----Message d'origine-----\nDe : Acme\n\n10 h, ça va ?\n",
		"Spanish Gmail":       "El mar, 17 mar 2026 a las 22:29, Acme (<hello@acme.example>) escribió:\n\n> ¿Vale a las 10?\n",
		"Spanish Outlook":     "De: Acme <hello@acme.example>\nEnviado el: martes, 17 de marzo de 2026 22:29\nPara: Ana\nAsunto: RE: Su pedido\n\n¿Vale a las 10?\n",
		"Italian Gmail":       "Il giorno mar 17 mar 2026 alle ore 22:29 Acme <hello@acme.example> ha scritto:\n\n> Va bene alle 10?\n",
		"Italian Outlook":     "Da: Acme <hello@acme.example>\nInviato: martedì 17 marzo 2026 22:29\nA: Ana\nOggetto: R: Ordine\n\nVa bene alle 10?\n",
		"Portuguese Gmail":    "Em ter., 17 de mar. de 2026 às 22:29, Acme <hello@acme.example> escreveu:\n\n> Pode ser às 10?\n",
		"Dutch Gmail":         "Op di 17 mrt 2026 om 22:29 schreef Acme <hello@acme.example>:\n\n> Schikt 10 uur?\n",
		"Swedish Gmail":       "Den tis 17 mars 2026 kl 22:29 skrev Acme <hello@acme.example>:\n\n> Passar 10?\n",
		"Danish Gmail":        "Den tir. 17. mar. 2026 kl. 22.29 skrev Acme <hello@acme.example>:\n\n> Passer 10?\n",
		"Norwegian Gmail":     "tir. 17. mars 2026 kl. 22:29 skrev Acme <hello@acme.example>:\n\n> Passer 10?\n",
		"Finnish Gmail":       "ti 17. maalisk. 2026 klo 22.29 Acme (hello@acme.example) kirjoitti:\n\n> Sopiiko 10?\n",
		"Polish Gmail":        "wt., 17 mar 2026 o 22:29 Acme <hello@acme.example> napisał(a):\n\n> Czy 10 pasuje?\n",
		"Polish Thunderbird":  "W dniu 17.03.2026 o 22:29, Acme pisze:\n> Czy 10 pasuje?\n",
		"Czech Gmail":         "út 17. 3. 2026 v 22:29 odesílatel Acme <hello@acme.example> napsal:\n\n> Hodí se 10?\n",
		"Russian Gmail":       "вт, 17 мар. 2026 г. в 22:29, Acme <hello@acme.example>:\n\n> Подойдёт 10:00?\n",
		"Russian Thunderbird": "17.03.2026 22:29, Acme пишет:\n> Подойдёт 10:00?\n",
		"Turkish Gmail":       "Acme <hello@acme.example>, 17 Mar 2026 Sal, 22:29 tarihinde şunu yazdı:\n\n> 10 olur mu?\n",
		"Japanese Gmail":      "2026年3月17日(火) 22:29 Acme <hello@acme.example>:\n\n> 10時でよろしいですか。\n",
		"Japanese Outlook":    "差出人: Acme <hello@acme.example>\n送信日時: 2026年3月17日 22:29\n宛先: Ana\n件名: RE: 注文\n\n10時でよろしいですか。\n",
		"Chinese Gmail":       "Acme <hello@acme.example> 于2026年3月17日周二 22:29写道：\n\n> 10点可以吗？\n",
		"Chinese separator":   "-----原始邮件-----\n发件人: Acme\n\n10点可以吗？\n",
		"Korean Gmail":        "2026년 3월 17일 (화) 오후 10:29, Acme <hello@acme.example>님이 작성:\n\n> 10시 괜찮으세요?\n",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, lineEnd := range []string{"\n", "\r\n"} {
				body := strings.ReplaceAll(answer+"\n\n"+quotation, "\n", lineEnd)
				reply, quoted := email.SplitQuote(body)
				require.Equal(t, strings.ReplaceAll(answer, "\n", lineEnd), reply)
				require.Equal(t, strings.ReplaceAll(strings.TrimRight(quotation, " \n"), "\n", lineEnd), quoted)
				requireNothingLost(t, body, reply, quoted)
			}
		})
	}
}

func TestSplitQuote_keeps_what_belongs_to_the_reply(t *testing.T) {
	t.Parallel()
	const heading = "On Tue, Mar 17, 2026 at 10:29 PM Acme <hello@acme.example> wrote:\n"
	for name, tc := range map[string]struct{ body, reply, quoted string }{
		"nothing quoted":           {"Hello\n\n-- \nAna\n", "Hello\n\n-- \nAna\n", ""},
		"empty":                    {"", "", ""},
		"signature above":          {"Yes.\n-- \nAna\n\n" + heading + "> Well?\n", "Yes.\n-- \nAna", heading + "> Well?"},
		"phone above":              {"Yes.\n\nSent from my iPhone\n\n" + heading + "> Well?\n", "Yes.\n\nSent from my iPhone", heading + "> Well?"},
		"signature below":          {"Yes.\n\n" + heading + "> Well?\n\n-- \nAna\n", "Yes.\n\n-- \nAna", heading + "> Well?"},
		"list footer below":        {"Yes.\n\n" + heading + "> Well?\n\n_____________________\nA list\n", "Yes.\n\n_____________________\nA list", heading + "> Well?"},
		"answer below":             {heading + "> Well?\n\nYes.\n", "Yes.", heading + "> Well?"},
		"answers point by point":   {"Hi,\n> Ten?\nYes.\n> Eleven?\nNo.\n", "Hi,\n> Ten?\nYes.\n> Eleven?\nNo.\n", ""},
		"the rest after points":    {"Hi,\n> Ten?\nYes.\n> Eleven?\n> Twelve?\n", "Hi,\n> Ten?\nYes.", "> Eleven?\n> Twelve?"},
		"nothing but quotation":    {heading + "> Well?\n", heading + "> Well?\n", ""},
		"nothing but an original":  {"-----Original Message-----\nFrom: a\n\nWell?", "-----Original Message-----\nFrom: a\n\nWell?", ""},
		"forwarded by Gmail":       {"See below\n\n---------- Forwarded message ---------\nFrom: A <a@b.example>\nDate: Tue\nSubject: x\nTo: y\n\nText\n", "See below\n\n---------- Forwarded message ---------\nFrom: A <a@b.example>\nDate: Tue\nSubject: x\nTo: y\n\nText\n", ""},
		"forwarded by Apple Mail":  {"FYI\n\nBegin forwarded message:\n\n> From: A\n> Subject: x\n", "FYI\n\nBegin forwarded message:\n\n> From: A\n> Subject: x\n", ""},
		"a colon in the text":      {"As my colleague wrote:\nplease call.\n", "As my colleague wrote:\nplease call.\n", ""},
		"From in the text":         {"From: the bottom of my heart\nthank you\n", "From: the bottom of my heart\nthank you\n", ""},
		"a rule in the text":       {"Part one\n-----\nPart two\n", "Part one\n-----\nPart two\n", ""},
		"a line of a mailbox file": {"Hello\n>From now on call me.\n", "Hello\n>From now on call me.\n", ""},
		"an endless text":          {strings.Repeat("x\n", 1<<20) + "> y", strings.Repeat("x\n", 1<<20) + "> y", ""},
		"a greater-than sign":      {"5 > 3 and\n3 < 5\n", "5 > 3 and\n3 < 5\n", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			reply, quoted := email.SplitQuote(tc.body)
			require.Equal(t, tc.reply, reply)
			require.Equal(t, tc.quoted, quoted)
			requireNothingLost(t, tc.body, reply, quoted)
		})
	}
}

// requireNothingLost holds the promise that each line is in one of the two.
func requireNothingLost(t *testing.T, body string, parts ...string) {
	t.Helper()
	count := map[string]int{}
	for line := range strings.SplitSeq(body, "\n") {
		count[strings.TrimSpace(line)]++
	}
	for _, part := range parts {
		for line := range strings.SplitSeq(part, "\n") {
			count[strings.TrimSpace(line)]--
		}
	}
	delete(count, "")
	for line, left := range count {
		require.Zero(t, left, "%q", line)
	}
}

func TestSplitQuote_takes_linear_time(t *testing.T) {
	t.Parallel()
	for _, line := range []string{
		"On Tue, Mar 17, 2026 Acme wrote:\n", ">\n", "> a\nb\n", "From: a\n", "-----\n", "On 1.1.\n", "\n", "a:\n", "From: a\nTo: b\n\n",
		strings.Repeat("x <a@b> ", 40) + ":\n",
	} {
		body := strings.Repeat(line, 1<<18/len(line))
		start := time.Now()
		reply, quoted := email.SplitQuote(body)
		require.NotEmpty(t, reply+quoted)
		require.Less(t, time.Since(start), 2*time.Minute, "%q", line)
	}
}

func FuzzSplitQuote(f *testing.F) {
	f.Add(answer + "\n\nOn Tue, Mar 17, 2026 at 10:29 PM Acme <hello@acme.example> wrote:\n\n> Does 10:00 work?\n\n-- \nx")
	f.Add("> a\r\nb\r\n> c\r\n-----Original Message-----\r\nd")
	f.Add("________________________________\nFrom: a\nSent: b\nTo: c\n\nd")
	f.Add("Am 17.03.2026 um 22:29 schrieb\nAcme:\n\n\xff\u00a0> a")
	f.Fuzz(func(t *testing.T, body string) {
		reply, quoted := email.SplitQuote(body)
		require.True(t, quoted != "" || reply == body)
		require.True(t, reply != "" || body == "")
		requireNothingLost(t, body, reply, quoted)
	})
}
