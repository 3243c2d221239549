namespace Noos.Pages.Text;

/// <summary>What stands around a block of code: its language, and buttons that the script of the page serves.</summary>
static class CodeFigure
{
    const int MaxName = 24;

    const string Buttons =
        "<button type=\"button\" data-act=\"wrap\" class=\"text\">Wrap</button>"
        + "<button type=\"button\" data-act=\"copy-code\" class=\"text\">Copy</button>";

    public const string End = "</code></pre></figure>";

    /// <summary>The language as it is shown; empty for none.</summary>
    public static string NameOf(string? language)
    {
        var name = (language ?? "").Split(' ', '{', ',')[0];
        return name.Length is 0 or > MaxName ? "" : name;
    }

    public static string Begin(string? language) =>
        $"<figure class=\"code\"><figcaption><span>{MarkdownRenderer.Escape(NameOf(language))}</span>{Buttons}</figcaption>"
        + "<pre tabindex=\"0\"><code>";
}
