using System.Globalization;
using System.Text;
using System.Text.Json;
using Noos.Core.Conversations;
using Noos.Core.Tools;
using Noos.Corpus.Documents;

namespace Noos.Tools.Browse;

/// <summary>
/// Opens a web page and shows its readable text as Markdown, in pages, with numbered links. A page that was read is kept for the process:
/// its further pages cost no request, and have no effect that must be allowed. Thread-safe.
/// </summary>
public sealed class OpenPageTool : ITool
{
    public const string Name = "open_page";
    public const string AddressArgument = "address";
    public const string PageArgument = "page";

    static readonly ToolDeclaration s_declaration = new(
        Name,
        "Opens a web page and reads its text. A long text has several pages: the result says how many, and \"page\" asks for another one. "
        + "Links are numbered like [3]; to follow one, give its number as the address.",
        JsonElement.Parse($$"""
        {
          "type": "object",
          "properties": {
            "{{AddressArgument}}": {
              "type": "string",
              "description": "Address such as https://example.org/news, or the number of a link of the page read last, such as 3",
              "minLength": 1,
              "maxLength": 2000
            },
            "{{PageArgument}}": {
              "type": "integer",
              "description": "Which page of a long text, from 1",
              "minimum": 1
            }
          },
          "required": ["{{AddressArgument}}"],
          "additionalProperties": false
        }
        """));

    readonly BrowseOptions _options;
    readonly PageCache _cache;
    readonly Lazy<PageReader> _reader;

    /// <param name="options">How pages are shown.</param>
    /// <param name="readers">Formats beside HTML and text; those of the default registry if left out.</param>
    public OpenPageTool(BrowseOptions? options = null, IReadOnlyList<IDocumentReader>? readers = null)
    {
        _options = options ?? new BrowseOptions();
        _cache = new PageCache(_options);
        // Readers are made when a page is read: most answers open none.
        _reader = new Lazy<PageReader>(() => new PageReader(_options, readers ?? DocumentReaderRegistry.CreateDefault().Readers));
    }

    public ToolDeclaration Declaration => s_declaration;

    public IReadOnlyList<Capability> Needs => [Capability.Network];

    public bool IsRepeatable => true;

    public IReadOnlyList<Effect> EffectsOf(ToolCallPart call, IToolContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        var address = AddressOf(call, context);
        return _cache.Find(context.ProcessId, address, context.TimeProvider) is null ? [Effect.Fetch(address.AbsoluteUri)] : [];
    }

    public async ValueTask<ToolResult> InvokeAsync(ToolCallPart call, IToolContext context, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(call);
        ArgumentNullException.ThrowIfNull(context);
        var address = AddressOf(call, context);
        var number = call.Arguments.TryGetProperty(PageArgument, out var given) ? given.GetInt32() : 1;
        if (_cache.Find(context.ProcessId, address, context.TimeProvider) is { } kept)
        {
            // Its links are known to the process since it was read, and whose they are.
            return Show(kept, number);
        }

        var page = await _reader.Value.ReadAsync(address, context.Http, cancellationToken);
        _cache.Add(context.ProcessId, address, page, context.TimeProvider);
        return Show(page, number) with
        {
            Links = [.. page.Links.Take(_options.MaxLinks).Select(link => link.Address.AbsoluteUri)],
        };
    }

    /// <summary>The address that a call means: as written, or by the number of a link.</summary>
    Uri AddressOf(ToolCallPart call, IToolContext context)
    {
        const int maxDigits = 4;
        var text = call.Arguments.GetProperty(AddressArgument).GetString()!.Trim().Trim('<', '>', '[', ']');
        if (text.Length <= maxDigits && int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
        {
            return _cache.FindLast(context.ProcessId, context.TimeProvider) is { } last && number >= 1 && number <= last.Links.Count
                ? last.Links[number - 1].Address
                : throw new ToolException($"There is no link {number} on the page that was read last; give the address.");
        }

        // Behind a host stands a port, behind a scheme like "mailto" something else.
        var hasScheme = text.Contains("://", StringComparison.Ordinal);
        var colon = hasScheme ? -1 : text.IndexOf(':');
        var isOtherScheme = colon >= 0 && !(colon + 1 < text.Length && char.IsAsciiDigit(text[colon + 1]));
        return !isOtherScheme && Uri.TryCreate(hasScheme ? text : $"https://{text}", UriKind.Absolute, out var address)
            && (address.Scheme == Uri.UriSchemeHttps || address.Scheme == Uri.UriSchemeHttp)
                ? address
                : throw new ToolException("That is no address of a web page; it must begin with https:// or http://.");
    }

    ToolResult Show(ReadPage page, int number)
    {
        if (number > page.Pages.Count)
        {
            throw new ToolException(page.Pages.Count == 1
                ? "The text has only one page."
                : string.Create(CultureInfo.InvariantCulture, $"The text has only {page.Pages.Count} pages."));
        }

        var text = page.Pages[number - 1];
        var shown = new StringBuilder();
        shown.Append(page.Head).Append('\n');
        if (page.Pages.Count > 1)
        {
            shown.Append(CultureInfo.InvariantCulture, $"Page {number} of {page.Pages.Count}\n");
        }

        shown.Append('\n').Append(text);
        AppendLinks(shown, page, text);
        return ToolResult.Text(shown.ToString(), Origin.Web);
    }

    /// <summary>The addresses of the links whose numbers stand in a text, as many as there is room for.</summary>
    void AppendLinks(StringBuilder shown, ReadPage page, string text)
    {
        const string head = "\n\nLinks:";
        var left = _options.LinksLength - head.Length;
        var isFirst = true;
        foreach (var number in NumbersIn(text).Distinct().Where(number => number >= 1 && number <= page.Links.Count))
        {
            var line = string.Create(CultureInfo.InvariantCulture, $"\n[{number}] {page.Links[number - 1].Address.AbsoluteUri}");
            if (line.Length > left)
            {
                continue;
            }

            shown.Append(isFirst ? head : "").Append(line);
            left -= line.Length;
            isFirst = false;
        }
    }

    static IEnumerable<int> NumbersIn(string text)
    {
        for (var at = 0; (at = text.IndexOf(" [", at, StringComparison.Ordinal)) >= 0; at++)
        {
            var end = text.IndexOf(']', at);
            if (end > at + 2 && end <= at + 7 && int.TryParse(text.AsSpan(at + 2, end - at - 2), NumberStyles.None, null, out var number))
            {
                yield return number;
            }
        }
    }
}
