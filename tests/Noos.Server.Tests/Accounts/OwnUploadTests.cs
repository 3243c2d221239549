using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Noos.Testing;

namespace Noos.Server.Tests.Accounts;

/// <summary>Uploaded files and stored responses are their owner's alone.</summary>
public sealed class OwnUploadTests
{
    static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Files_and_responses_of_another_are_not_there()
    {
        await using var home = await RunningHome.StartAsync(
            new ObedientCpu(), options: options => options with { RequiresLogin = true }, hasAccounts: true);
        var (anna, bert) = (Key("anna"), Key("bert"));
        using var form = new MultipartFormDataContent
        {
            { new StringContent("user_data"), "purpose" },
            { new ByteArrayContent([1, 2, 3]), "file", "a.bin" },
        };
        var file = (await SendAsync(HttpMethod.Post, "v1/files", anna, form)).Body.GetProperty("id").GetString();
        var response = (await SendAsync(HttpMethod.Post, "v1/responses", anna, Json("""{"input": "Hello", "tools": []}"""))).Body
            .GetProperty("id").GetString();

        foreach (var address in (string[])[$"v1/files/{file}", $"v1/files/{file}/content", $"v1/responses/{response}"])
        {
            Assert.Equal(HttpStatusCode.NotFound, (await SendAsync(HttpMethod.Get, address, bert)).Status);
        }

        Assert.Equal(HttpStatusCode.NotFound, (await SendAsync(HttpMethod.Delete, $"v1/files/{file}", bert)).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await SendAsync(HttpMethod.Delete, $"v1/responses/{response}", bert)).Status);
        Assert.Equal(0, (await SendAsync(HttpMethod.Get, "v1/files", bert)).Body.GetProperty("data").GetArrayLength());
        var next = await SendAsync(
            HttpMethod.Post, "v1/responses", bert, Json($$"""{"input": "x", "previous_response_id": "{{response}}"}"""));
        Assert.Equal(HttpStatusCode.BadRequest, next.Status);
        Assert.Equal(HttpStatusCode.OK, (await SendAsync(HttpMethod.Get, $"v1/files/{file}", anna)).Status);

        string Key(string name)
        {
            home.Accounts.Add(name);
            return home.Accounts.AddKey(name, "test").Token;
        }

        async Task<(HttpStatusCode Status, JsonElement Body)> SendAsync(
            HttpMethod method, string address, string key, HttpContent? content = null)
        {
            using var request = new HttpRequestMessage(method, new Uri(address, UriKind.Relative)) { Content = content };
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key);
            using var answer = await home.Http.SendAsync(request, Token);
            return (answer.StatusCode, JsonElement.Parse(await answer.Content.ReadAsStringAsync(Token)));
        }
    }

    static StringContent Json(string text) => new(text, mediaType: new("application/json"));
}
