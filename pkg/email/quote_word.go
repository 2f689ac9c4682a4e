package email

import (
	"regexp"
	"strings"
)

// The words by which mail programs introduce a quotation, in the languages of their users.
const (
	// wrote ends the line that says who wrote a quotation when.
	wrote = `wrote|writes|said|schrieb|schreef|geschreven|a écrit|escribió|ha scritto|scrisse|escreveu|skrev|kirjoitti|` +
		`napisał|napisała|napisał\(a\)|pisze|napsal|napsala|napsal\(a\)|napísal|napísala|написал|написала|написал\(а\)|` +
		`написав|написала\(ла\)|пишет|пише|yazdı|şunu yazdı|ezt írta|írta|a scris|έγραψε|schrijft|je napisao|je napisala|` +
		`đã viết|menulis|כתב|כתבה|כתב/ה|כתב\(ה\)|كتب|写道|寫道|のメール|님이 작성|님의 말`
	// on begins that line.
	on = `On|Am|Le|El|Il|Em|Op|Den|På|Pe|W dniu|Dnia|Dne|Il giorno|Vào|Pada|Στις|Kl|Am:|Il:|` +
		`Mon|Tue|Wed|Thu|Fri|Sat|Sun|Mo|Di|Mi|Do|Fr|Sa|So|lun|mar|mer|mié|jeu|jue|ven|vie|sam|sáb|dim|dom|gio|` +
		`seg|ter|qua|qui|sex|man|tir|ons|tor|fre|lør|lör|søn|sön|mån|tis|tors|ma|ti|ke|to|pe|la|su|di|wo|do|vr|za|zo|` +
		`pon|wt|śr|czw|pt|sob|niedz|ndz|po|út|st|čt|pá|so|ne|пн|вт|ср|чт|пт|сб|вс|нд|понедельник|вторник|среда|` +
		`четверг|пятница|суббота|воскресенье`
	// original stands between dashes above a quoted mail.
	original = `original message|original appointment|ursprüngliche nachricht|originalnachricht|original-nachricht|` +
		`message d'origine|message d’origine|message original|message initial|mensaje original|messaggio originale|` +
		`mensagem original|oorspronkelijk bericht|ursprungligt meddelande|originalmeddelande|oprindelig meddelelse|` +
		`original meddelelse|opprinnelig melding|alkuperäinen viesti|oryginalna wiadomość|wiadomość oryginalna|` +
		`původní zpráva|pôvodná správa|eredeti üzenet|mesaj original|исходное сообщение|оригинальное сообщение|` +
		`пересланное сообщение от|оригінальне повідомлення|orijinal mesaj|özgün ileti|αρχικό μήνυμα|thư gốc|` +
		`原始邮件|原始郵件|原邮件|元のメッセージ|원본 메시지|reply message|antwort nachricht`
	// forward stands above a mail that is passed on.
	forward = `forwarded message|weitergeleitete nachricht|message transféré|mensaje reenviado|messaggio inoltrato|` +
		`mensagem encaminhada|doorgestuurd bericht|vidarebefordrat meddelande|videresendt meddelelse|videresendt melding|` +
		`välitetty viesti|edelleenlähetetty viesti|przekazana wiadomość|wiadomość przekazana|přeposlaná zpráva|` +
		`továbbított üzenet|пересылаемое сообщение|переслане повідомлення|iletilmiş mesaj|yönlendirilmiş ileti|` +
		`转发的邮件|转发邮件|轉寄郵件|転送メッセージ|전달된 메일`
)

var (
	originalLine    = regexp.MustCompile(`(?i)^[*_]*[-–—=_]{2,}\s*(?:` + original + `)\b.{0,80}?[-–—=_]{2,}[*_]*$|^[-–—]{2,}\s*(?:` + original + `)\s*[-–—]*$`)
	forwardLine     = regexp.MustCompile(`(?i)^[-–—]{2,}\s*(?:` + forward + `).{0,80}$|^Begin forwarded message:$|^Anfang der weitergeleiteten Nachricht:$|^Début du message (?:transféré|réexpédié) ?:$|^Inicio del mensaje reenviado:$|^Inizio messaggio inoltrato:$`)
	attributionEnd  = regexp.MustCompile(`(?i)(?:` + wrote + `)[^\pL\pN]{0,4}(?:am\b.{0,80}|um\b.{0,80}|tarihinde.{0,40})?\s*[:：]\s*$|(?i)\b(?:schrieb|schreef|skrev|escribió|wrote|пишет|написал)\b.{0,200}[:：]\s*$|\d.*<\S+@\S+>.{0,20}[:：]\s*$`)
	attributionLine = regexp.MustCompile(`(?i)^[*_"']*(?:(?:` + on + `)[\s.,:]|\d{1,4}[-./年년]|于)`)
	attributionVerb = regexp.MustCompile(`(?i)(?:` + wrote + `)`)
	dateLike        = regexp.MustCompile(`\d{1,4}\s*[-./年년:]\s*\d{1,2}|\b(?:19|20)\d\d\b`)
	signature       = regexp.MustCompile(`(?i)^(?:sent from|get outlook for|gesendet von|von meinem|envoyé de|enviado desde|enviado do|inviato da|verstuurd vanaf|verzonden vanaf|skickat från|sendt fra|lähetetty|wysłane z|отправлено с|从我的|发自我的)`)
)

func isOriginal(text string) bool {
	return len(text) <= maxAttributionLine && strings.ContainsAny(text, "-–—=_") && originalLine.MatchString(text)
}

func isForward(text string) bool {
	return len(text) <= maxAttributionLine && forwardLine.MatchString(text)
}

// isAttributionEnd tells a line that may end "On … wrote:".
func isAttributionEnd(text string) bool {
	return len(text) <= maxAttributionLine && (strings.HasSuffix(text, ":") || strings.HasSuffix(text, "：")) &&
		attributionEnd.MatchString(text)
}

func startsAttribution(text string) bool { return attributionLine.MatchString(text) }

func hasDate(text string) bool { return dateLike.MatchString(text) }

// isSaid tells a line that says that somebody wrote.
func isSaid(text string) bool { return attributionVerb.MatchString(text) }

// maxLabel is more than any label of a heading takes.
const maxLabel = 40

// label is what stands before the colon of a line in lower case, without the marks of bold type; empty when nothing follows the colon.
func label(text string) string {
	at := strings.IndexAny(text, ":：")
	if at < 1 || at > maxLabel || len(text) > maxAttributionLine || strings.Trim(text[at:], ":：*_ ") == "" {
		return ""
	}
	return strings.ToLower(strings.TrimSpace(strings.Trim(text[:at], "*_ ")))
}

// saysFrom tells the label, in lower case, of who wrote a quoted mail.
func saysFrom(label string) bool {
	switch label {
	case "from", "von", "de", "da", "van", "från", "fra", "lähettäjä", "od", "odesílatel", "от", "от кого", "від",
		"kimden", "gönderen", "feladó", "de la", "από", "từ", "expéditeur", "mittente", "remitente", "avsender",
		"avsändare", "afsender", "发件人", "寄件者", "差出人", "보낸 사람", "מאת", "من":
		return true
	default:
		return false
	}
}

// saysAbout tells the labels, in lower case, of the other fields in the heading of a quoted mail.
func saysAbout(label string) bool {
	switch label {
	case "sent", "date", "to", "cc", "subject", "gesendet", "datum", "an", "betreff", "envoyé", "envoyé le", "à",
		"objet", "enviado", "enviado el", "fecha", "para", "asunto", "inviato", "data", "a", "oggetto", "enviada em",
		"enviado em", "assunto", "verzonden", "aan", "onderwerp", "skickat", "till", "ämne", "sendt", "til", "emne",
		"lähetetty", "päivämäärä", "vastaanottaja", "aihe", "wysłano", "wysłane", "do", "temat", "odesláno", "komu",
		"předmět", "odoslané", "predmet", "отправлено", "дата", "кому", "тема", "надіслано", "gönderildi",
		"gönderme", "tarih", "kime", "konu", "elküldve", "dátum", "címzett", "tárgy", "trimis", "către", "subiect",
		"στάλθηκε", "προς", "θέμα", "ngày", "đến", "chủ đề", "发送时间", "日期", "收件人", "抄送", "主题", "寄件日期", "收件者", "主旨",
		"送信日時", "日時", "宛先", "件名", "보낸 날짜", "날짜", "받는 사람", "제목", "נשלח", "אל", "נושא":
		return true
	default:
		return false
	}
}
