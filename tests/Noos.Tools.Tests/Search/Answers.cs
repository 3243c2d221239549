namespace Noos.Tools.Tests.Search;

/// <summary>Answers in the shapes that the services send, shortened.</summary>
static class Answers
{
    // https://en.wikipedia.org/w/api.php with generator=search and formatversion=2; the pages come in the order of their ids.
    public const string Wikipedia =
        """
        {
          "batchcomplete": true,
          "continue": {"gsroffset": 2, "continue": "gsroffset||"},
          "query": {
            "pages": [
              {
                "pageid": 11955, "ns": 0, "title": "George Washington", "index": 2,
                "extract": "George Washington (1732 \u2013 1799) was a Founding Father of the United States. He served as the first president from 1789 to 1797.",
                "contentmodel": "wikitext", "pagelanguage": "en", "touched": "2026-11-20T08:00:00Z", "lastrevid": 13, "length": 99,
                "fullurl": "https://en.wikipedia.org/wiki/George_Washington",
                    "editurl": "https://en.wikipedia.org/w/index.php?title=George_Washington&action=edit",
                "canonicalurl": "https://en.wikipedia.org/wiki/George_Washington", "revisions": [{"timestamp": "2026-11-19T10:20:30Z"}]
              },
              {
                "pageid": 24113, "ns": 0, "title": "President of the United States", "index": 1,
                "extract": "The president of the United States is the head of state.",
                "touched": "2026-11-21T08:00:00Z", "fullurl": "https://en.wikipedia.org/wiki/President_of_the_United_States"
              }
            ]
          }
        }
        """;

    public const string WikipediaEmpty = """{"batchcomplete": true}""";

    public const string WikipediaError =
        """{"error": {"code": "ratelimited", "info": "You've exceeded your rate limit.", "docref": "See https://en.wikipedia.org/w/api.php"}}""";

    // https://docs.searxng.org/dev/search_api.html
    public const string Searxng =
        """
        {
          "query": "red fox", "number_of_results": 0,
          "results": [
            {
              "url": "https://fox.example/red", "title": "Red fox &amp; friends",
                  "content": "The red fox is the <b>largest</b> of the true foxes.",
              "publishedDate": "2024-03-05T00:00:00", "thumbnail": "", "engine": "duckduckgo", "template": "default.html",
              "parsed_url": ["https", "fox.example", "/red", "", "", ""], "engines": ["duckduckgo", "brave"], "positions": [1, 3],
                  "score": 2.6,
              "category": "general"
            },
            {"url": "javascript:alert(1)", "title": "Bad", "content": "x", "engine": "x", "engines": ["x"], "positions": [2], "score": 1},
            {"url": "https://den.example/", "title": "Dens", "content": null, "publishedDate": null, "engine": "qwant",
                "engines": ["qwant"]}
          ],
          "answers": [], "corrections": [], "infoboxes": [], "suggestions": ["fox"], "unresponsive_engines": [["google", "access denied"]]
        }
        """;

    public const string SearxngEmpty = """{"query": "x", "number_of_results": 0, "results": [], "answers": [], "unresponsive_engines": []}""";

    // https://api-dashboard.search.brave.com/app/documentation/web-search/responses
    public const string Brave =
        """
        {
          "type": "search",
          "query": {"original": "red fox", "show_strict_warning": false, "is_navigational": false, "more_results_available": true},
          "mixed": {"type": "mixed", "main": [{"type": "web", "index": 0, "all": false}], "top": [], "side": []},
          "web": {
            "type": "search", "family_friendly": true,
            "results": [
              {
                "title": "Red fox", "url": "https://fox.example/red", "is_source_local": false, "is_source_both": false,
                "description": "The <strong>red fox</strong> lives across the northern hemisphere.", "page_age": "2025-01-02T03:04:05",
                    "age": "January 2, 2025",
                "profile": {"name": "Fox", "url": "https://fox.example/red", "long_name": "fox.example", "img": "https://imgs.example/x"},
                "language": "en", "family_friendly": true, "type": "search_result", "subtype": "generic",
                "meta_url": {"scheme": "https", "netloc": "fox.example", "hostname": "fox.example", "favicon": "https://imgs.example/y",
                    "path": "/red"},
                "extra_snippets": ["It weighs up to 14 kg.", 7]
              }
            ]
          }
        }
        """;

    public const string BraveEmpty = """{"type": "search", "query": {"original": "x"}}""";

    public const string BraveLimit =
        """{"type": "ErrorResponse", "error": {"id": "1", "status": 429, "code": "RATE_LIMITED", "detail": "Request rate limit exceeded for plan."}}""";
}
