using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Noos.Kernel.Accounts;

namespace Noos.Cli.Tests;

/// <summary>People, keys, and the backup of it all, as whoever runs the machine uses them.</summary>
public sealed class AccountCommandTests : IDisposable
{
    readonly Terminal _terminal = new();

    static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _terminal.Dispose();

    [Fact]
    public async Task Users_and_keys_are_added_listed_limited_and_removed_without_a_server()
    {
        var none = await _terminal.RunAsync(["user", "list"]);
        var added = await _terminal.RunAsync(["user", "add", "anna", "--tokens-per-day", "1000"], "correct horse\n");
        var again = await _terminal.RunAsync(["user", "add", "Anna", "--no-password"]);
        var limited = await _terminal.RunAsync(["user", "limit", "anna", "--tokens-per-day", "none", "--files", "2G", "--deny", "code"]);
        var key = await _terminal.RunAsync(["key", "add", "editor", "--user", "anna"]);
        var keys = await _terminal.RunAsync(["key", "list", "--json"]);
        var users = JsonElement.Parse((await _terminal.RunAsync(["user", "list", "--json"])).Output).GetProperty("data");
        var revoked = await _terminal.RunAsync(["key", "revoke", "1"]);
        var missing = await _terminal.RunAsync(["key", "revoke", "7"]);
        var removed = await _terminal.RunAsync(["user", "remove", "anna"]);
        var gone = await _terminal.RunAsync(["user", "password", "anna"], "another one\n");

        Assert.Equal((0, 1), (none.ExitCode, none.Output.TrimEnd().Split('\n').Length));
        Assert.Equal((0, ""), (added.ExitCode, added.Error));
        Assert.Contains("1000 tokens/day", added.Output, StringComparison.Ordinal);
        Assert.Equal("There is a user 'Anna' already; choose another name.\n", again.Error);
        Assert.Contains("2.00 GiB of files, tools: memory net spawn", limited.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("tokens/day", limited.Output, StringComparison.Ordinal);
        Assert.Matches("^noos-[A-Za-z0-9_-]{43}\n$", key.Output);
        Assert.Contains("not shown again", key.Error, StringComparison.Ordinal);
        Assert.DoesNotContain(key.Output.Trim(), keys.Output, StringComparison.Ordinal);
        Assert.Equal(["owner", "member"], users.EnumerateArray().Select(user => user.GetProperty("role").GetString()!));
        Assert.Contains("(revoked)", revoked.Output, StringComparison.Ordinal);
        Assert.Equal((66, 66), (missing.ExitCode, gone.ExitCode));
        Assert.Equal(0, removed.ExitCode);
        Assert.Single(new AccountStore(_terminal.Home.Path).List());
    }

    [Fact]
    public async Task Server_that_others_reach_asks_everybody_who_they_are_and_commands_find_their_way()
    {
        var refused = await _terminal.RunAsync(["up", "--host", "0.0.0.0", "--port", "0"]);
        Assert.Equal(77, refused.ExitCode);
        Assert.Contains("noos user password", Assert.Single(refused.Error.TrimEnd().Split('\n')), StringComparison.Ordinal);

        Assert.Equal(0, (await _terminal.RunAsync(["user", "password"], "correct horse\n")).ExitCode);
        await _terminal.RunAsync(["user", "add", "anna", "--no-password"]);
        var key = (await _terminal.RunAsync(["key", "add", "phone", "--user", "anna"])).Output.Trim();
        using var server = _terminal.Start("up", "--host", "0.0.0.0", "--port", "0", "--no-metrics");
        try
        {
            var line = await server.StandardOutput.ReadLineAsync(Token);
            var address = new Uri(line!.Split(' ')[^1].Replace("0.0.0.0", "127.0.0.1", StringComparison.Ordinal));
            using var http = new HttpClient { BaseAddress = address };
            async Task<HttpStatusCode> AskAsync(string? given)
            {
                using var request = new HttpRequestMessage(HttpMethod.Get, "api/processes");
                request.Headers.Authorization = given is null ? null : new AuthenticationHeaderValue("Bearer", given);
                using var response = await http.SendAsync(request, Token);
                return response.StatusCode;
            }

            Assert.Equal(HttpStatusCode.Unauthorized, await AskAsync(null));
            Assert.Equal(HttpStatusCode.Unauthorized, await AskAsync("none"));
            Assert.Equal(HttpStatusCode.OK, await AskAsync(key));
            Assert.Equal("1\n", (await _terminal.RunAsync(["spawn"])).Output);
            var busy = await _terminal.RunAsync(["restore", _terminal.Home.File("none")]);
            Assert.Equal(66, busy.ExitCode);
            var backup = await _terminal.RunAsync(["backup", _terminal.Home.File("backup.tar.gz")]);
            Assert.Equal((0, ""), (backup.ExitCode, backup.Error));
            Assert.Equal(75, (await _terminal.RunAsync(["restore", _terminal.Home.File("backup.tar.gz")])).ExitCode);

            // At once, also in the server that is up.
            await _terminal.RunAsync(["key", "revoke", "1"]);
            Assert.Equal(HttpStatusCode.Unauthorized, await AskAsync(key));
            Assert.Equal(0, (await _terminal.RunAsync(["user", "remove", "anna"])).ExitCode);
        }
        finally
        {
            server.Kill();
            await server.WaitForExitAsync(Token);
        }

        var restored = await _terminal.RunAsync(["restore", _terminal.Home.File("backup.tar.gz")]);
        Assert.Equal((0, ""), (restored.ExitCode, restored.Error));
        Assert.NotNull(new AccountStore(_terminal.Home.Path).FindKey(key));
    }

    [Fact]
    public async Task First_start_says_who_owns_it_and_later_ones_do_not()
    {
        async Task<string?> OwnerLineAsync()
        {
            using var server = _terminal.Start("up", "--port", "0");
            string? found = null;

            // Each start ends with the commands that it answers; what it says of its owner stands before that of the cache.
            while (found is null && await server.StandardOutput.ReadLineAsync(Token) is { } line)
            {
                found = line.Contains("owns this Noos", StringComparison.Ordinal) ? line : null;
                if (line.StartsWith("Keeps what it has read", StringComparison.Ordinal))
                {
                    break;
                }
            }

            server.Kill();
            await server.WaitForExitAsync(Token);
            return found;
        }

        Assert.Contains("noos user password", await OwnerLineAsync(), StringComparison.Ordinal);
        Assert.Null(await OwnerLineAsync());
    }
}
