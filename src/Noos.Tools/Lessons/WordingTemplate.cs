namespace Noos.Tools.Lessons;

/// <summary>Wordings with slots such as <c>{q}</c>.</summary>
static class WordingTemplate
{
    /// <summary>Puts values into their slots, one after the other; what they say themselves may hold slots of later ones.</summary>
    public static string Fill(string template, params ReadOnlySpan<(string Slot, string Value)> values)
    {
        foreach (var (slot, value) in values)
        {
            template = template.Replace("{" + slot + "}", value);
        }

        return template;
    }
}
