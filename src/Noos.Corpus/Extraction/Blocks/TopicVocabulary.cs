using System.Collections.Frozen;

namespace Noos.Corpus.Extraction.Blocks;

/// <summary>Words of buttons, bylines and footers, in English, German, French and Spanish.</summary>
static class TopicVocabulary
{
    const int MaxWord = 16;

    static readonly FrozenDictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> s_words =
        CreateWords().GetAlternateLookup<ReadOnlySpan<char>>();

    /// <summary>The topics of a word as bits; 0 for most.</summary>
    public static int Read(ReadOnlySpan<char> word)
    {
        word = word.Trim(".,:;!?()[]\"'“”‘’…»«");
        if (word.Length is < 2 or > MaxWord)
        {
            return 0;
        }

        Span<char> lower = stackalloc char[MaxWord];
        var length = word.ToLowerInvariant(lower);
        return s_words.TryGetValue(lower[..length], out var topics) ? topics : 0;
    }

    static FrozenDictionary<string, int> CreateWords()
    {
        (Topic Topic, string Words)[] groups =
        [
            (Topic.Share, "share tweet facebook twitter pinterest whatsapp linkedin email print follow like "
                + "likes reddit telegram instagram "
                + "youtube teilen drucken partager compartir bookmark sharing shares"),
            (Topic.Comment, "comment comments reply respond leave kommentar kommentare antworten répondre commentaires comentarios "
                + "discussion disqus moderated logged"),
            (Topic.Subscribe, "subscribe newsletter signup sign login log register account password inbox abonnieren anmelden registrieren "
                + "subscription subscribers membership unsubscribe enter username join"),
            (Topic.Legal, "copyright rights reserved privacy terms cookie cookies policy impressum datenschutz agb disclaimer conditions "
                + "consent gdpr trademark trademarks licensed mentions légales"),
            (Topic.Related, "related more also read recommended popular latest recent trending next previous mehr weitere ähnliche lesen "
                + "artikel similar articles stories posts older newer lire aussi leer más editor's picks viewed"),
            (Topic.Navigation, "home menu search skip top back navigation site suche startseite contact about "
                + "kontakt sitemap content close "
                + "toggle open faq careers jobs accueil inicio"),
            (Topic.Byline, "by posted published updated author written ago am pm von uhr january february march april may june july august "
                + "september october november december jan feb mar apr jun jul aug sep oct nov dec januar februar märz mai juni juli "
                + "oktober dezember publié par min minutes editor staff reporter photo credit getty"),
            (Topic.Advertisement, "advertisement advertising sponsored ad ads promoted anzeige werbung advertise affiliate commission "
                + "publicité publicidad"),
            (Topic.Shop, "cart price add buy shipping stock sale qty quantity warenkorb checkout wishlist compare sku delivery returns "
                + "order discount"),
            (Topic.Tags, "tags tagged filed category categories topics labels schlagwörter kategorie kategorien tag posted-in keywords"),
            (Topic.Forum, "quote joined member thread views replies registered upvote answered asked reputation badges edited votes "
                + "moderator points posts joined: location"),
        ];
        var words = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var (topic, list) in groups)
        {
            foreach (var word in list.Split(' '))
            {
                words[word] = words.GetValueOrDefault(word) | (1 << (int)topic);
            }
        }

        return words.ToFrozenDictionary(StringComparer.Ordinal);
    }
}
