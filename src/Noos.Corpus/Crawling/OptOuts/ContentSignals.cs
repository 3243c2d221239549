namespace Noos.Corpus.Crawling.OptOuts;

/// <summary>
/// Content signals (contentsignals.org: <c>search=yes, ai-train=no</c>) and the IETF's content usage (<c>train-ai=n</c>): in robots.txt
/// and in headers.
/// </summary>
static class ContentSignals
{
    public static OptOut Parse(string value)
    {
        var result = OptOut.None;
        foreach (var part in value.Split(','))
        {
            var equals = part.IndexOf('=', StringComparison.Ordinal);
            if (equals > 0 && part[(equals + 1)..].Trim().ToLowerInvariant() is "no" or "n" or "?0")
            {
                result |= part[..equals].Trim().ToLowerInvariant() switch
                {
                    "ai-train" or "train-ai" or "train-genai" => OptOut.NoTraining,
                    "ai-input" => OptOut.NoAiInput,
                    "search" => OptOut.NoSearch,
                    "ai" or "tdm" or "bots" => OptOut.NoTraining | OptOut.NoAiInput,
                    _ => OptOut.None,
                };
            }
        }

        return result;
    }
}
