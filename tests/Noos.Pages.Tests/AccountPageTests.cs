using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Noos.Core.Conversations;
using Noos.Cpus.Hub;
using Noos.Cpus.Library;
using Noos.Kernel.Accounts;
using Noos.Kernel.Cpu;
using Noos.Kernel.Processes;
using Noos.Testing;

namespace Noos.Pages.Tests;

/// <summary>Pages where everybody must log in: each sees what is theirs.</summary>
public sealed class AccountPageTests : PageTests
{
    [Theory]
    [InlineData("log out")]
    [InlineData("new password")]
    [InlineData("account removed")]
    public async Task Open_page_is_cut_off_at_once_when_its_session_ends(string how)
    {
        await using var pages = await RunningPages.StartWithAccountsAsync(new ScriptedCpu());
        pages.Accounts!.Add("anna");
        await using var browser = await Browser.StartAsync(new Uri(pages.Address, "login"), Token);
        var session = await LogInAsync(browser, pages, "anna");
        await browser.WaitForAsync("document.documentElement.dataset.connected !== undefined", Token);

        switch (how)
        {
            case "log out":
                await browser.EvaluateAsync("void fetch('/api/logout', { method: 'POST', body: '{}' })", Token);
                break;
            case "new password":
                pages.Accounts.SetPassword("anna", "a much better password");
                break;
            default:
                pages.Accounts.Remove("anna");
                break;
        }

        await browser.WaitForAsync("location.pathname === '/login'", Token);
        Assert.DoesNotContain(pages.Accounts.Sessions("anna"), one => one.Id == session);
    }

    [Fact]
    public async Task Person_logs_in_makes_a_key_sees_only_their_own_and_logs_out()
    {
        await using var pages = await RunningPages.StartWithAccountsAsync(new ScriptedCpu());
        pages.Accounts!.Add("anna", "a good password");
        pages.Accounts.AddKey("olga", "of the owner");
        await using var browser = await Browser.StartAsync(new Uri(pages.Address, "login"), Token);
        await browser.LookAsync(1280, 800, "light", Token);
        await LogInByFormAsync("a wrong password");
        await browser.WaitForAsync("document.querySelector('[role=alert]')?.textContent.includes('no such name')", Token);
        await browser.PhotographAsync("login-light", Token);
        await LogInByFormAsync("a good password");
        await browser.WaitForAsync(IsReady, Token);

        await GoAsync(browser, "settings");
        await MentionsAsync(browser, "anna, a member", "#you + .row");
        await ReadsAsync(browser, "this one", ".account .lines .badge");
        await FocusAsync(browser, "#key-name");
        await browser.TypeAsync("my notebook", Token);
        await browser.WaitForAsync("!document.querySelector('#key-name + button').disabled", Token);
        await PressEnterAsync(browser);
        await browser.WaitForAsync("document.querySelector('#secret')?.textContent.startsWith('noos-')", Token);
        Assert.Equal("anna", pages.Accounts.FindKey(await TextAsync(browser, "#secret"))!.Value.Account.Name);
        Assert.DoesNotContain("of the owner", await ListAsync(browser, ".account"), StringComparison.Ordinal);
        Assert.Equal(0, await CountAsync(browser, "#people"));
        await PressButtonAsync(browser, "Revoke my notebook");
        await browser.WaitForAsync("!document.querySelector('[aria-label=\"Revoke my notebook\"]')", Token);
        Assert.Empty(pages.Accounts.Keys("anna"));

        await ClickAsync(browser, "[data-act='logout']");
        await browser.WaitForAsync("location.pathname === '/login'", Token);
        Assert.Empty(pages.Accounts.Sessions("anna"));

        async Task LogInByFormAsync(string password)
        {
            await browser.WaitForAsync("document.querySelector('[name=password]')", Token);
            await browser.EvaluateAsync(
                "document.querySelector('[name=name]').value = 'anna'; "
                + $"document.querySelector('[name=password]').value = '{password}'; document.querySelector('form button').click()", Token);
        }
    }

    [Fact]
    public async Task Owner_sees_the_people_and_adds_one_who_can_log_in()
    {
        await using var pages = await RunningPages.StartWithAccountsAsync(new ScriptedCpu());
        await using var browser = await Browser.StartAsync(new Uri(pages.Address, "login"), Token);
        await browser.LookAsync(1280, 800, "light", Token);
        await LogInAsync(browser, pages, "olga");
        await browser.WaitForAsync(IsReady, Token);
        await GoAsync(browser, "settings");

        foreach (var (field, text) in (IEnumerable<(string, string)>)[("#person-name", "bert"), ("#person-password", "a good password")])
        {
            await FocusAsync(browser, field);
            await browser.TypeAsync(text, Token);
        }

        await browser.WaitForAsync("!document.querySelector('#person-password + button').disabled", Token);
        await PressEnterAsync(browser);
        await browser.WaitForAsync("document.querySelectorAll('#people + .lines li').length === 2", Token);

        Assert.Equal(AccountRole.Member, pages.Accounts!.Verify("bert", "a good password")!.Role);
    }

    [Fact]
    public async Task Sidebar_of_the_owner_lists_their_own_conversations_and_nobody_elses()
    {
        await using var pages = await RunningPages.StartWithAccountsAsync(new ScriptedCpu());
        pages.Accounts!.Add("anna");
        foreach (var owner in (string[])["anna", "olga"])
        {
            await pages.Table.SpawnAsync(
                new ProcessStart(owner, ProcessKind.Conversation, new ProcessProgram()) { Title = $"Plans of {owner}" }, Token);
        }

        await using var browser = await Browser.StartAsync(new Uri(pages.Address, "login"), Token);
        await LogInAsync(browser, pages, "olga");
        await browser.WaitForAsync(IsConnected, Token);

        await ListsAsync(browser, "Plans of olga", ".item .label");
    }

    async Task<long> LogInAsync(Browser browser, RunningPages pages, string name)
    {
        var (session, token) = pages.Accounts!.BeginSession(name, null);
        await browser.SendAsync(
            "Network.setCookie", new() { ["name"] = "noos_session", ["value"] = token, ["url"] = pages.Address.AbsoluteUri }, Token);
        await browser.SendAsync("Page.navigate", new() { ["url"] = pages.Address.AbsoluteUri }, Token);
        await browser.WaitForAsync("location.pathname === '/' && document.querySelector('.shell')", Token);
        return session.Id;
    }

    [Fact]
    public async Task Page_shows_the_conversations_of_whoever_has_logged_in_and_of_nobody_else()
    {
        await using var pages = await RunningPages.StartWithAccountsAsync(new ScriptedCpu([new TextDelta("Secret of anna.")]));
        pages.Accounts!.Add("anna");
        pages.Accounts.Add("bert");
        var id = (await pages.Table.SpawnAsync(
            new ProcessStart("anna", ProcessKind.Conversation, new ProcessProgram()) { Title = "Plans of anna" }, Token)).Id;
        await pages.Table.SayAsync(id, Message.User("Hello"), Token);
        await pages.Table.WaitAsync(id, Token);
        await pages.Table.GiveFileAsync(id, "a.txt", new MemoryStream("Secret of anna."u8.ToArray()), cancellationToken: Token);
        var (anna, bert) = (pages.Accounts.BeginSession("anna", null).Token, pages.Accounts.BeginSession("bert", null).Token);
        foreach (var address in (string[])["", $"chat/{id}", "settings", $"chat/{id}/files/a.txt", $"chat/{id}/export.md",
            "monitor", $"trace/{id}", $"compare/{id}", "models", "compare"])
        {
            var (nobody, _) = await GetAsync(pages, address, null);
            var (_, seen) = await GetAsync(pages, address, bert);

            Assert.Equal(HttpStatusCode.Redirect, nobody);
            Assert.DoesNotContain("of anna", seen, StringComparison.Ordinal);
        }

        Assert.Contains("Plans of anna", (await GetAsync(pages, $"chat/{id}", anna)).Body, StringComparison.Ordinal);
        Assert.Contains("Plans of anna", (await GetAsync(pages, $"trace/{id}", anna)).Body, StringComparison.Ordinal);
        Assert.Contains("Kill Plans of anna", (await GetAsync(pages, "monitor", anna)).Body, StringComparison.Ordinal);
        Assert.Contains("Secret of anna.", (await GetAsync(pages, $"chat/{id}/files/a.txt", anna)).Body, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.NotFound, (await GetAsync(pages, $"chat/{id}/files/a.txt", bert)).Status);
        Assert.Equal(HttpStatusCode.Redirect, (await GetAsync(pages, "_blazor", null)).Status);
    }

    [Fact]
    public async Task Only_the_owner_of_the_machine_gets_models()
    {
        using var folder = new TemporaryFolder();
        await using var pages = await RunningPages.StartWithAccountsAsync(new ScriptedCpu([new TextDelta("Yes.")]), services =>
        {
            services.AddSingleton(new ModelLibrary(new ModelLibraryOptions { Folders = [], PullFolder = folder.Path }));
            services.AddSingleton(new HubOptions { Endpoint = new Uri("http://127.0.0.1:9/") });
        });
        pages.Accounts!.Add("anna");

        var (_, owner) = await GetAsync(pages, "models", pages.Accounts.BeginSession("olga", null).Token);
        var (_, other) = await GetAsync(pages, "models", pages.Accounts.BeginSession("anna", null).Token);

        Assert.Contains("Get Qwen3 0.6B", owner, StringComparison.Ordinal);
        Assert.Contains("Qwen3 0.6B", other, StringComparison.Ordinal);
        Assert.DoesNotContain("Get Qwen3 0.6B", other, StringComparison.Ordinal);
        Assert.DoesNotContain("id=\"another\"", other, StringComparison.Ordinal);
    }

    async Task<(HttpStatusCode Status, string Body)> GetAsync(RunningPages pages, string address, string? token)
    {
        using var http = new HttpClient(new HttpClientHandler { AllowAutoRedirect = false, UseCookies = false });
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(pages.Address, address));
        request.Headers.Add("Accept", "text/html");
        if (token is not null)
        {
            request.Headers.Add("Cookie", $"noos_session={token}");
        }

        using var response = await http.SendAsync(request, Token);
        return (response.StatusCode, await response.Content.ReadAsStringAsync(Token));
    }
}
