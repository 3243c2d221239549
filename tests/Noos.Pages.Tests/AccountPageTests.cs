using System.Net;
using Noos.Core.Conversations;
using Noos.Kernel.Cpu;
using Noos.Kernel.Processes;
using Noos.Testing;

namespace Noos.Pages.Tests;

/// <summary>Pages where everybody must log in: each sees what is theirs.</summary>
public sealed class AccountPageTests
{
    static CancellationToken Token => TestContext.Current.CancellationToken;

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
        async Task<(HttpStatusCode Status, string Body)> GetAsync(string address, string? token)
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

        var (anna, bert) = (pages.Accounts.BeginSession("anna", null).Token, pages.Accounts.BeginSession("bert", null).Token);
        foreach (var address in (string[])["", $"chat/{id}", "settings", $"chat/{id}/files/a.txt", $"chat/{id}/export.md",
            "monitor", $"trace/{id}", $"compare/{id}", "models", "compare"])
        {
            var (nobody, _) = await GetAsync(address, null);
            var (_, seen) = await GetAsync(address, bert);

            Assert.Equal(HttpStatusCode.Redirect, nobody);
            Assert.DoesNotContain("of anna", seen, StringComparison.Ordinal);
        }

        Assert.Contains("Plans of anna", (await GetAsync($"chat/{id}", anna)).Body, StringComparison.Ordinal);
        Assert.Contains("Plans of anna", (await GetAsync($"trace/{id}", anna)).Body, StringComparison.Ordinal);
        Assert.Contains("Kill Plans of anna", (await GetAsync("monitor", anna)).Body, StringComparison.Ordinal);
        Assert.Contains("Secret of anna.", (await GetAsync($"chat/{id}/files/a.txt", anna)).Body, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.NotFound, (await GetAsync($"chat/{id}/files/a.txt", bert)).Status);
        Assert.Equal(HttpStatusCode.Redirect, (await GetAsync("_blazor", null)).Status);
    }
}
