using Noos.Core.Conversations;
using Noos.Kernel.Cpu;
using Noos.Kernel.Processes;
using Noos.Testing;

namespace Noos.Pages.Tests;

/// <summary>The pictures of docs/images: made anew where NOOS_SCREENSHOTS names a folder.</summary>
public sealed class GalleryTests : PageTests
{
    const string Answer =
        """
        The Eiffel Tower is **330 metres** high [1]. It took a little over two years to build:

        | Phase | From | To |
        |---|---|---|
        | Foundations | January 1887 | June 1887 |
        | Assembly | July 1887 | March 1889 |

        Its weight presses on the ground with about $\frac{10\,100 \text{ t}}{4 \cdot 26 \text{ m}^2}$ at each corner. In code:

        ```python
        # Tonnes for each square metre
        print(10_100 / (4 * 26))
        ```
        """;

    [Theory]
    [InlineData("light", 1280, 860, "gallery-light")]
    [InlineData("dark", 1280, 860, "gallery-dark")]
    [InlineData("light", 390, 800, "gallery-phone")]
    public async Task Conversation_with_everything(string theme, int width, int height, string name)
    {
        Assert.SkipWhen(Environment.GetEnvironmentVariable("NOOS_SCREENSHOTS") is not { Length: > 0 }, "Nobody wants pictures.");
        await using var pages = await RunningPages.StartAsync(Speaker(), Encyclopedia(), RunningPages.Calculator(), new NoteTool());
        foreach (var title in (string[])["Plan for the garden", "Why foxes are red", "A letter to the landlord", "Sums of the week"])
        {
            await pages.Table.SpawnAsync(new ProcessStart("user", ProcessKind.Conversation, new ProcessProgram()) { Title = title }, Token);
        }

        await using var browser = await OpenAsync(pages.Address, width, height, theme);
        await AskAsync(browser, "How high is the Eiffel Tower, and how was it built?", "document.querySelector('.figures')");
        await browser.PhotographAsync(name, Token);
        await AskAsync(browser, "Remember that I like towers", "document.querySelector('.approval')");
        await browser.PhotographAsync(name + "-approval", Token);
        await ClickAsync(browser, "button[aria-label='What the model reads']");
        await browser.WaitForAsync("document.querySelector('.context li')", Token);
        await browser.PhotographAsync("context-" + name, Token);
        foreach (var page in (string[])["permissions", "settings"])
        {
            await browser.EvaluateAsync($"document.querySelector(\".foot a[href='{page}']\").click()", Token);
            await browser.WaitForAsync($"location.pathname === '/{page}' && document.querySelector('.sheet')", Token);
            await browser.PhotographAsync($"{page}-{name}", Token);
        }
    }

    static ScriptedCpu Speaker() => new(
        [ScriptedCpu.Call("c1", "search", """{"query": "Eiffel Tower height"}""")], [Text(Answer)],
        [ScriptedCpu.Call("c2", "note", """{"text": "Likes towers"}""")], [Text("Noted.")])
    {
        Info = new CpuInfo("Noos-Small"),
    };

    static ScriptedTool Encyclopedia() => new("search", (_, _) => ValueTask.FromResult(new Core.Tools.ToolResult(
    [
        new TextPart("The Eiffel Tower is a wrought-iron lattice tower on the Champ de Mars in Paris. It is 330 metres tall.")
        {
            Citation = new Citation(1, "Eiffel Tower", "https://en.wikipedia.org/wiki/Eiffel_Tower") { Licence = "CC BY-SA 4.0" },
        },
    ])));
}
