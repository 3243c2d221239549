using System.Net.Http.Json;
using System.Text.Json;

namespace Noos.Cli.Tests;

/// <summary>Responses of the API as the program keeps them.</summary>
public sealed class StoredResponseTests : IDisposable
{
    readonly Terminal _terminal = new();

    static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _terminal.Dispose();

    [Fact]
    public async Task Response_is_continued_after_the_server_was_killed()
    {
        const string Question = """{"input": "Hello", "max_output_tokens": 3, "tools": []}""";
        string first, second;
        using (var server = await _terminal.UpAsync())
        {
            first = Id(await AskAsync(HttpMethod.Post, "v1/responses", Question));
            // As a power cut would: nothing is closed, nothing is written any more.
            server.Kill();
            await server.WaitForExitAsync(Token);
        }

        using (var server = await _terminal.UpAsync("--max-responses", "2"))
        {
            var known = await AskAsync(HttpMethod.Get, $"v1/responses/{first}");
            second = Id(await AskAsync(
                HttpMethod.Post, "v1/responses",
                $$"""{"input": "And now?", "previous_response_id": "{{first}}", "max_output_tokens": 3, "tools": []}"""));
            var third = Id(await AskAsync(
                HttpMethod.Post, "v1/responses",
                $$"""{"input": "And then?", "previous_response_id": "{{second}}", "max_output_tokens": 3, "tools": []}"""));
            var items = (await AskAsync(HttpMethod.Get, $"v1/responses/{third}/input_items")).GetProperty("data");
            var gone = await AskAsync(HttpMethod.Get, $"v1/responses/{first}");

            Assert.Equal(first, Id(known));
            Assert.Equal("And then?", items[0].GetProperty("content")[0].GetProperty("text").GetString());
            Assert.Contains("--max-responses", gone.GetProperty("error").GetProperty("message").GetString(), StringComparison.Ordinal);
            server.Kill();
            await server.WaitForExitAsync(Token);
        }

        using var last = await _terminal.UpAsync("--response-days", "0.000001");
        var old = await AskAsync(HttpMethod.Get, $"v1/responses/{second}");
        last.Kill();
        await last.WaitForExitAsync(Token);

        Assert.Equal("not_found", old.GetProperty("error").GetProperty("code").GetString());
    }

    static string Id(JsonElement response) =>
        response.TryGetProperty("id", out var id) ? id.GetString()! : throw new InvalidOperationException(response.ToString());

    async Task<JsonElement> AskAsync(HttpMethod method, string path, string? body = null)
    {
        var server = JsonElement.Parse(await File.ReadAllTextAsync(_terminal.Home.File("server.json"), Token));
        using var http = new HttpClient { BaseAddress = new Uri(server.GetProperty("address").GetString()!) };
        using var request = new HttpRequestMessage(method, new Uri(path, UriKind.Relative))
        {
            Content = body is null ? null : new StringContent(body, mediaType: new("application/json")),
        };
        using var answer = await http.SendAsync(request, Token);
        return await answer.Content.ReadFromJsonAsync<JsonElement>(Token);
    }
}
