using System.Net;
using System.Text;
using System.Text.Json;
using Noos.Core.Conversations;
using Noos.Kernel.Processes;
using Noos.Testing;

namespace Noos.Pages.Tests;

/// <summary>The list of conversations, and what can be done with them.</summary>
public sealed class SidebarTests : PageTests
{
    [Fact]
    public async Task Conversations_are_renamed_pinned_archived_found_and_deleted()
    {
        await using var pages = await RunningPages.StartAsync(new PacedCpu());
        var lake = await SpawnAsync(pages, "About the lake", "How deep is Lake Baikal?");
        await SpawnAsync(pages, "About the fox", "Why are foxes red?");
        await using var browser = await OpenAsync(pages.Address);
        await browser.WaitForAsync(Lists("Today", "About the fox", "About the lake"), Token);

        await ChooseAsync(browser, "About the lake", "Pin");
        await browser.WaitForAsync(Lists("Pinned", "About the lake", "Today", "About the fox"), Token);
        await ChooseAsync(browser, "About the lake", "Rename");
        await browser.WaitForAsync("document.activeElement.id === 'rename'", Token);
        await browser.TypeAsync("Deep water", Token);
        await PressEnterAsync(browser);
        await browser.WaitForAsync(Lists("Pinned", "Deep water", "Today", "About the fox"), Token);
        Assert.Equal("Deep water", pages.Table.Get(lake).Title);

        await FocusAsync(browser, "#search");
        await browser.TypeAsync("baikal", Token);
        await browser.WaitForAsync("document.querySelector('.found b')?.textContent === 'Deep water'", Token);
        await browser.PhotographAsync("search-light", Token);
        await browser.EvaluateAsync("{ const box = document.querySelector('#search'); box.value = ''; "
            + "box.dispatchEvent(new Event('input', { bubbles: true })); }", Token);

        await browser.WaitForAsync(Lists("Pinned", "Deep water", "Today", "About the fox"), Token);
        await ChooseAsync(browser, "About the fox", "Folder…");
        await browser.WaitForAsync("document.activeElement.id === 'rename'", Token);
        await browser.TypeAsync("Animals", Token);
        await PressEnterAsync(browser);
        await browser.WaitForAsync(Lists("Pinned", "Deep water", "Animals", "About the fox"), Token);
        await browser.PhotographAsync("sidebar-light", Token);
        await ChooseAsync(browser, "About the fox", "Archive");
        await browser.WaitForAsync(Lists("Pinned", "Deep water"), Token);
        await ChooseAsync(browser, "Deep water", "Delete");
        await browser.WaitForAsync("document.querySelector('.confirm .danger')", Token);
        await ClickAsync(browser, ".confirm .danger");
        await browser.WaitForAsync("document.querySelectorAll('.item').length === 0", Token);
        Assert.DoesNotContain(pages.Table.List(new ProcessFilter { IncludesEnded = true }), process => process.Id == lake);

        await ClickAsync(browser, ".archive");
        await browser.WaitForAsync(Lists("Animals", "About the fox"), Token);
    }

    [Fact]
    public async Task Older_conversations_come_when_somebody_scrolls_to_them()
    {
        await using var pages = await RunningPages.StartAsync(new PacedCpu());
        for (var i = 0; i < 70; i++)
        {
            var start = new ProcessStart("user", ProcessKind.Conversation, new ProcessProgram()) { Title = $"Number {i}" };
            await pages.Table.SpawnAsync(start, Token);
        }

        await using var browser = await OpenAsync(pages.Address);
        await browser.WaitForAsync("document.querySelectorAll('.item').length === 50", Token);
        await ReadsAsync(browser, "Show older (20)", "#older");

        await browser.EvaluateAsync("document.querySelector('.conversations').scrollTop = 1e6", Token);

        await browser.WaitForAsync("document.querySelectorAll('.item').length === 70 && !document.querySelector('#older')", Token);
        await ReadsAsync(browser, "Number 0", ".item:last-child .label");
    }

    [Fact]
    public async Task Conversation_that_another_began_appears_by_itself()
    {
        await using var pages = await RunningPages.StartAsync(new PacedCpu());
        await using var browser = await OpenAsync(pages.Address);

        await SpawnAsync(pages, "From the terminal", "Hello");

        await browser.WaitForAsync(Lists("Today", "From the terminal"), Token);
    }

    [Fact]
    public async Task What_is_exported_can_be_imported_again()
    {
        await using var pages = await RunningPages.StartAsync(new PacedCpu());
        var id = await SpawnAsync(pages, "Title: of it", "Hello");
        await pages.Table.SayAsync(id, Message.User("More"), Token);
        await pages.Table.WaitAsync(id, Token);

        var json = await pages.Http.GetStringAsync($"chat/{id}/export.json", Token);
        var markdown = await pages.Http.GetStringAsync($"chat/{id}/export.md", Token);
        using var answer = await pages.Http.PostAsync("chat/import", new StringContent(json), Token);
        var count = JsonElement.Parse(await answer.Content.ReadAsStringAsync(Token)).GetProperty("count").GetInt32();

        Assert.Equal(1, count);
        var copy = pages.Table.List()[0];
        Assert.NotEqual(id, copy.Id);
        Assert.Equal("Title: of it", copy.Title);
        Assert.Equal(pages.Table.ReadHistory(id).Messages, pages.Table.ReadHistory(copy.Id).Messages);
        Assert.StartsWith("# Title: of it\n\n## You\n\nHello", markdown, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""
        [{"title": "C", "current_node": "3", "mapping": {
            "1": {"parent": null, "message": null},
            "2": {"parent": "1", "message": {"author": {"role": "user"}, "content": {"content_type": "text", "parts": ["Hi"]}}},
            "3": {"parent": "2", "message": {"author": {"role": "assistant"}, "content": {"content_type": "text", "parts": ["Ho"]}}}}}]
        """)]
    [InlineData("""
        [{"title": "C", "chat": {"history": {"currentId": "b", "messages": {
            "a": {"parentId": null, "role": "user", "content": "Hi"}, "b": {"parentId": "a", "role": "assistant", "content": "Ho"}}}}}]
        """)]
    [InlineData("""{"title": "C", "messages": [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Ho"}]}""")]
    public async Task Exports_of_other_programs_are_read(string export)
    {
        await using var pages = await RunningPages.StartAsync(new PacedCpu());

        using var answer = await pages.Http.PostAsync("chat/import", new StringContent(export), Token);

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        var process = pages.Table.List().Single();
        Assert.Equal("C", process.Title);
        Assert.Equal(["Hi", "Ho"], pages.Table.ReadHistory(process.Id).Messages.Select(message => message.Text()));
    }

    [Fact]
    public async Task Import_from_any_page_says_what_came_of_it_and_the_list_has_it()
    {
        await using var pages = await RunningPages.StartAsync(new PacedCpu());
        await using var browser = await OpenAsync(pages.Address);
        await GoAsync(browser, "settings");

        await ImportAsync("""[{"title": "From elsewhere", "messages": [{"role": "user", "content": "Hi"}]}]""");
        await browser.WaitForAsync("document.querySelector('#imported').textContent === '1 conversation imported.'", Token);
        await browser.WaitForAsync(Lists("Today", "From elsewhere"), Token);
        await ImportAsync("[]");
        await browser.WaitForAsync("document.querySelector('#imported').textContent === 'The file has no conversations.'", Token);
        await ImportAsync("no json");
        await browser.WaitForAsync("document.querySelector('#imported').textContent.includes('no JSON')", Token);
        Assert.Equal("/settings", (await browser.EvaluateAsync("location.pathname", Token))!.GetValue<string>());

        Task ImportAsync(string content) => browser.EvaluateAsync(
            "{ const list = document.querySelector('#import'); const data = new DataTransfer(); "
            + $"data.items.add(new File([{JsonSerializer.Serialize(content)}], 'export.json')); list.files = data.files; "
            + "list.dispatchEvent(new Event('change', { bubbles: true })); }", Token);
    }

    [Theory]
    [InlineData("""{"title": "C\ud83d", "messages": [{"role": "user", "content": "Hi \udc00"}], "\ud800": 1}""")]
    [InlineData("""
        [{"title": "C\ud83d", "current_node": "1", "mapping": {
            "1": {"message": {"author": {"role": "user"}, "content": {"parts": ["Hi \uD83D"]}}, "parent": "2"}, "2": "no node"}}]
        """)]
    [InlineData("""
        [{"title": "C\ud83d", "chat": {"history": {"currentId": "a", "messages": {
            "a": {"parentId": 5, "role": "user", "content": "Hi \ud83d"}}}}}, {"current_node": "x", "mapping": {"x": 7}}]
        """)]
    public async Task Text_cut_in_the_middle_of_a_character_is_imported(string export)
    {
        await using var pages = await RunningPages.StartAsync(new PacedCpu());

        using var answer = await pages.Http.PostAsync("chat/import", new StringContent(export), Token);

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        var process = pages.Table.List().Single();
        Assert.Equal("C\uFFFD", process.Title);
        Assert.Equal("Hi \uFFFD", pages.Table.ReadHistory(process.Id).Messages.Single().Text());
    }

    [Fact]
    public async Task Import_keeps_whole_characters_and_shortens_a_title_without_end()
    {
        await using var pages = await RunningPages.StartAsync(new PacedCpu());
        var title = string.Concat(Enumerable.Repeat("\U0001F98A", 5000));
        byte[] export =
        [
            0xEF, 0xBB, 0xBF,
            .. Encoding.UTF8.GetBytes($$"""{"title": "{{title}}", "messages": [{"role": "user", "content": "\ud83e\udd8a \\ud800 """),
            0xFF,
            .. "\"}]}"u8,
        ];

        using var answer = await pages.Http.PostAsync("chat/import", new ByteArrayContent(export), Token);

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        var process = pages.Table.List().Single();
        Assert.InRange(process.Title!.Length, 900, 1000);
        Assert.EndsWith("\U0001F98A…", process.Title, StringComparison.Ordinal);
        Assert.Equal("\U0001F98A \\ud800 \uFFFD", pages.Table.ReadHistory(process.Id).Messages.Single().Text());
    }

    [Theory]
    [InlineData("no json")]
    [InlineData("[[[")]
    public async Task File_that_is_none_is_refused_in_a_sentence(string content)
    {
        await using var pages = await RunningPages.StartAsync(new PacedCpu());

        using var answer = await pages.Http.PostAsync("chat/import", new StringContent(content), Token);

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Contains("no JSON", await answer.Content.ReadAsStringAsync(Token), StringComparison.Ordinal);
    }

    async Task<long> SpawnAsync(RunningPages pages, string title, string question)
    {
        var start = new ProcessStart("user", ProcessKind.Conversation, new ProcessProgram()) { Title = title };
        var id = (await pages.Table.SpawnAsync(start, Token)).Id;
        await pages.Table.SayAsync(id, Message.User(question), Token);
        await pages.Table.WaitAsync(id, Token);
        return id;
    }

    async Task ChooseAsync(Browser browser, string title, string choice)
    {
        var item = "[...document.querySelectorAll('.item')].find(item => item.querySelector('.label')?.textContent === "
            + $"{JsonSerializer.Serialize(title)})";
        await DoAsync(browser, $"{item}?.querySelector('.menu:not([open]) summary')", "click()");
        await DoAsync(
            browser,
            $"[...({item}?.querySelectorAll('.choices button') ?? [])].find(button => button.textContent.trim() === "
            + $"{JsonSerializer.Serialize(choice)})",
            "click()");
    }

    static string Lists(params IEnumerable<string> texts) =>
        "[...document.querySelectorAll('.conversations h2, .conversations .label')].map(place => place.textContent).join('|') === "
        + JsonSerializer.Serialize(string.Join('|', texts));
}
