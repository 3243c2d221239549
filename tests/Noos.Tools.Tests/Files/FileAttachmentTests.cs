using Noos.Core;
using Noos.Testing;
using Noos.Tools.Files;

namespace Noos.Tools.Tests.Files;

public sealed class FileAttachmentTests : IDisposable
{
    readonly TemporaryFolder _folder = new();
    readonly FileAttachments _attachments = new();

    static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Small_file_goes_in_whole_and_a_large_one_as_an_overview()
    {
        var small = Write("small.md", SampleFiles.Markdown);
        var large = Write("large.md", string.Concat(
            Enumerable.Range(1, 300).Select(number => $"# Part {number}\n{new string('x', 400)}\n")));
        // Each word is a token.
        var budget = new PromptBudget(400, text => text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).Length);

        var parts = await _attachments.CreateAsync([(small, "small.md"), (large, "large.md")], budget, Token);

        Assert.Contains("His name is Hugo.", parts[0].Text, StringComparison.Ordinal);
        Assert.Contains("line 1: Part 1\n", parts[1].Text, StringComparison.Ordinal);
        Assert.Contains("To read in it: read_file with \"file\": \"large.md\"", parts[1].Text, StringComparison.Ordinal);
        Assert.True(parts.Sum(part => budget.Count(part.Text!)) <= 400);
    }

    [Fact]
    public async Task Overview_is_shortened_to_the_budget_but_says_how_to_read_on()
    {
        var path = Write("wide.csv", string.Join(',', Enumerable.Range(0, 200).Select(number => $"column{number}")) + "\n"
            + string.Concat(Enumerable.Repeat(string.Join(',', Enumerable.Range(0, 200)) + "\n", 300)));
        var part = Assert.Single(await _attachments.CreateAsync([(path, "wide.csv")], new PromptBudget(150), Token));
        Assert.InRange(part.Text!.Length, 100, 600);
        Assert.Contains("300 rows and 200 columns", part.Text, StringComparison.Ordinal);
        Assert.Contains("read_file", part.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Picture_is_named_and_a_protected_file_refused()
    {
        var picture = _folder.File("x.png");
        await File.WriteAllBytesAsync(picture, [0x89, .. "PNG\r\n\u001a\n"u8, 0, 0], Token);
        var part = Assert.Single(await _attachments.CreateAsync([(picture, "x.png")], new PromptBudget(100), Token));
        Assert.Equal("image/png", part.MediaType);
        Assert.Contains("PNG picture, 1 KiB", part.Text, StringComparison.Ordinal);

        var damaged = Write("a.pdf", "%PDF-1.4");
        await Assert.ThrowsAsync<NoosException>(() => _attachments.CreateAsync([(damaged, "a.pdf")], new PromptBudget(100), Token));
    }

    string Write(string name, string content)
    {
        File.WriteAllText(_folder.File(name), content);
        return _folder.File(name);
    }
}
