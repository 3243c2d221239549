using System.Collections.Frozen;

namespace Noos.Corpus.Extraction.Blocks;

/// <summary>
/// Reads the words of class names and ids, in which authors of pages name what they build: <c>post-sidebar</c>, <c>relatedArticles</c>,
/// <c>navbar</c>. English and German, which are what page builders and their themes speak.
/// </summary>
sealed class HintVocabulary
{
    const int MaxWord = 24;

    static readonly FrozenDictionary<string, ElementHints> s_words = CreateWords();

    static readonly FrozenDictionary<string, ElementHints>.AlternateLookup<ReadOnlySpan<char>> s_lookup =
        s_words.GetAlternateLookup<ReadOnlySpan<char>>();

    // A page repeats its classes; one vocabulary serves one page.
    readonly Dictionary<string, ElementHints> _seen = new(StringComparer.Ordinal);
    readonly Dictionary<string, ElementHints>.AlternateLookup<ReadOnlySpan<char>> _seenLookup;

    public HintVocabulary() => _seenLookup = _seen.GetAlternateLookup<ReadOnlySpan<char>>();

    /// <summary>The hints of a class attribute or an id.</summary>
    public ElementHints Read(ReadOnlySpan<char> names)
    {
        // Generated names of hundreds of characters say nothing in their tail.
        names = names.Length > 300 ? names[..300] : names;
        if (_seenLookup.TryGetValue(names, out var hints))
        {
            return hints;
        }

        Span<char> word = stackalloc char[MaxWord];
        var length = 0;
        for (var i = 0; i <= names.Length; i++)
        {
            var c = i < names.Length ? names[i] : ' ';
            var isHump = length > 0 && char.IsAsciiLetterUpper(c) && char.IsAsciiLetterLower(names[i - 1]);
            if (!char.IsAsciiLetter(c) || isHump)
            {
                hints |= ReadWord(word[..length]);
                length = 0;
            }

            if (char.IsAsciiLetter(c) && length < MaxWord)
            {
                word[length++] = char.ToLowerInvariant(c);
            }
        }

        _seenLookup[names] = hints;
        return hints;
    }

    /// <summary>A word, or several written as one: <c>articlebody</c>, <c>navmenu</c>.</summary>
    static ElementHints ReadWord(ReadOnlySpan<char> word)
    {
        var hints = ElementHints.None;
        while (word.Length >= 2)
        {
            var length = word.Length;
            // Short words are words of their own only: "ad" begins "address", "nav" is the exception.
            while (length >= 4 && !s_lookup.ContainsKey(word[..length]))
            {
                length--;
            }

            if (!s_lookup.TryGetValue(word[..length], out var found) || (length < 4 && length < word.Length))
            {
                return hints | (word.StartsWith("nav") ? ElementHints.Navigation : ElementHints.None);
            }

            hints |= found;
            word = word[length..];
        }

        return hints;
    }

    static FrozenDictionary<string, ElementHints> CreateWords()
    {
        (ElementHints Hints, string Words)[] groups =
        [
            (ElementHints.Navigation, "nav navi navbar navigation menu menubar submenu topbar toolbar megamenu dropdown hamburger"),
            (ElementHints.Breadcrumb, "breadcrumb breadcrumbs crumb crumbs brotkrumen"),
            (ElementHints.Footer, "footer foot colophon bottom copyright legal impressum fuss disclaimer footnote"),
            (ElementHints.Header, "header masthead banner top hero logo branding kopf jumbotron"),
            (ElementHints.Sidebar, "sidebar side aside rail rightcol leftcol right left secondary tertiary widget "
                + "widgets gadget col column"),
            (ElementHints.Comment, "comment comments commenting commentlist disqus respond kommentar kommentare comentarios commentaires"),
            (ElementHints.Related, "related relacionadas recommend recommended recommendation recommendations more similar teaser teasers "
                + "popular trending latest recent suggested suggestions outbrain taboola also next prev previous further mehr weitere "
                + "upnext mostread zergnet"),
            (ElementHints.Share, "share sharing shares social facebook twitter pinterest linkedin addthis addtoany whatsapp follow "
                + "sharedaddy teilen socials instagram bookmark"),
            (ElementHints.Advertisement, "ad ads adv advert advertisement advertising adsense adslot sponsor sponsored sponsors promo "
                + "promotion promoted dfp gpt werbung anzeige anzeigen cta upsell marketing affiliate commercial"),
            (ElementHints.Byline, "meta metadata byline author authors date time timestamp posted published dateline info pubdate autor "
                + "datum credit credits bio contributor updated source"),
            (ElementHints.Content, "content contents contenido body text main maincontent inhalt copy richtext rte wysiwyg prose markdown "
                + "txt texte primary"),
            (ElementHints.Article, "article articles post posts entry entries story blog artikel beitrag hentry single news editorial "
                + "articulo permalink recipe"),
            (ElementHints.Product, "product products price prices pricing sku cart basket shop store buy pdp variant variants woocommerce "
                + "checkout shipping purchase offer addtocart"),
            (ElementHints.Review, "review reviews rating ratings star stars testimonial testimonials feedback"),
            (ElementHints.Forum, "forum forums thread threads topic message messages reply replies answer answers question questions "
                + "postbody conversation viewtopic postcontent bbwrapper bbcode qa"),
            (ElementHints.Popup, "cookie cookies consent gdpr modal popup overlay dialog lightbox notice tooltip toast alert interstitial "
                + "paywall privacy"),
            (ElementHints.Form, "form forms newsletter subscribe subscription signup signin login register search "
                + "searchbox searchform input "
                + "field fieldset contact email registration suche"),
            (ElementHints.Tags, "tag tags category categories label labels keyword keywords topics taxonomy cat cats kategorie "
                + "schlagworte tagcloud hashtag"),
            (ElementHints.Media, "caption figcaption image images img photo photos picture gallery thumb thumbnail thumbnails media video "
                + "slider carousel slide slides slideshow player embed figure swiper bild podcast audio"),
            (ElementHints.Listing, "list listing listings grid card cards tile tiles items item results result "
                + "archive collection feed loop "
                + "row rows catalog index directory"),
            (ElementHints.Pagination, "pagination pager paging paginator pagenav pagenavi pages"),
            (ElementHints.Details, "description desc summary excerpt lead intro introduction abstract overview detail details spec specs "
                + "specification specifications features feature about tab tabs tabpanel accordion collapse collapsible faq faqs panel "
                + "beschreibung standfirst dek"),
            (ElementHints.Hidden, "hidden hide sr sronly screenreader visually invisible offscreen noprint skip mobile assistive"),
            (ElementHints.User, "user users member members profile username signature sig avatar karma vote votes score stats count "
                + "postprofile reputation poster usercard"),
            (ElementHints.Documentation, "code highlight doc docs documentation api toc tableofcontents readme wiki mw parser reference "
                + "guide tutorial manual help"),
            (ElementHints.Title, "title headline heading subtitle subhead subheading titel headings ueberschrift"),
            (ElementHints.Action, "button buttons btn action actions tools tool options control controls print save download icon "
                + "icons link "
                + "links toggle close"),
        ];
        var words = new Dictionary<string, ElementHints>(StringComparer.Ordinal);
        foreach (var (hints, list) in groups)
        {
            foreach (var word in list.Split(' '))
            {
                words[word] = words.GetValueOrDefault(word) | hints;
            }
        }

        return words.ToFrozenDictionary(StringComparer.Ordinal);
    }
}
