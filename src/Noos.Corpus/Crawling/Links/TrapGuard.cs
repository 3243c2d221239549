using Noos.Corpus.Addresses;

namespace Noos.Corpus.Crawling.Links;

/// <summary>
/// Tells addresses that a site makes up without an end: a relative link that grows by one folder with every page, a form that adds its
/// fields again and again.
/// </summary>
static class TrapGuard
{
    const int MaxLength = 2000;
    const int MaxSegments = 32;
    const int MaxRepetitions = 3;
    const int MaxFields = 24;

    public static bool IsTrap(WebUrl url)
    {
        if (url.Path.Length + (url.Query?.Length ?? 0) > MaxLength || url.Segments.Count > MaxSegments)
        {
            return true;
        }

        // The same folder three times in a row never is one; four times anywhere neither, unless it is a number, as in dates.
        for (var i = 0; i < url.Segments.Count; i++)
        {
            var segment = url.Segments[i];
            if (segment.Length == 0)
            {
                continue;
            }

            if (i >= 2 && segment == url.Segments[i - 1] && segment == url.Segments[i - 2])
            {
                return true;
            }

            var count = 0;
            for (var other = 0; other < i; other++)
            {
                count += url.Segments[other] == segment ? 1 : 0;
            }

            if (count >= MaxRepetitions && !segment.All(char.IsAsciiDigit))
            {
                return true;
            }
        }

        if (url.Query is { } query && query.Contains('&'))
        {
            var fields = query.Split('&');
            return fields.Length > MaxFields
                || (fields.Length > MaxRepetitions && fields.GroupBy(field => field).Any(same => same.Count() > MaxRepetitions));
        }

        return false;
    }
}
