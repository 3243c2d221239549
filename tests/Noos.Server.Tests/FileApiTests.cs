using System.Globalization;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Noos.Core.Conversations;
using Noos.Kernel.Cpu;
using Noos.Testing;
using Noos.Tools.Files;

namespace Noos.Server.Tests;

/// <summary>Files over HTTP: uploaded to a process, or in a message.</summary>
public sealed class FileApiTests
{
    static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Uploaded_file_is_read_by_the_model_and_forgotten_with_its_process()
    {
        var cpu = new ScriptedCpu(
            [ScriptedCpu.Call("1", "read_file", """{"file": "sales.csv", "search": "chair"}""")],
            [new TextDelta("45.25 (sales.csv, row 4).")]);
        await using var home = await RunningHome.StartAsync(cpu, tools: [new ReadFileTool()]);
        var id = await home.SpawnAsync();

        using var content = new StringContent(SampleFiles.Csv);
        using var given = await home.Http.PostAsync($"api/processes/{id}/files?name=..%2Fsales.csv", content, Token);
        await home.PostAsync(
            $"api/processes/{id}/messages",
            """{"content": [{"type": "file", "file": {"file_id": "sales.csv"}}, {"type": "text", "text": "What is a chair?"}]}""");
        await home.GetAsync($"api/processes/{id}/wait");

        Assert.Equal(201, (int)given.StatusCode);
        var question = Assert.IsType<FilePart>(cpu.Turns[0].Conversation.Messages[0].Parts[0]);
        Assert.Equal(("sales.csv", "text/csv"), (question.Name, question.MediaType));
        Assert.Contains("East | Table, round | 80", question.Text, StringComparison.Ordinal);
        var result = Assert.IsType<ToolResultPart>(cpu.Turns[1].Conversation.Messages[^1].Parts[0]);
        Assert.Equal("\"chair\" is 1 time in sales.csv:\n[row 4] North | Chair | 45.25 | 2024-03-04", result.Text);
        Assert.Equal(Origin.File, result.Origin);
        var listed = (await home.GetAsync($"api/processes/{id}/files")).GetProperty("data");
        Assert.Equal("sales.csv", Assert.Single(listed.EnumerateArray()).GetProperty("name").GetString());
        using var sent = await home.Http.GetAsync($"api/processes/{id}/files/sales.csv", Token);
        Assert.Equal(SampleFiles.Csv, await sent.Content.ReadAsStringAsync(Token));
        Assert.Equal("attachment", sent.Content.Headers.ContentDisposition!.DispositionType);
        var folder = home.Table.FolderFor(id);
        Assert.True(Directory.Exists(folder));
        await home.SendAsync("DELETE", $"api/processes/{id}");
        Assert.False(Directory.Exists(folder));
    }

    [Fact]
    public async Task Form_gives_several_files_and_equal_names_stay_apart()
    {
        await using var home = await RunningHome.StartAsync(new PacedCpu());
        var id = await home.SpawnAsync();
        using var form = new MultipartFormDataContent
        {
            { new StringContent("one"), "file", "a.txt" },
            { new StringContent("two"), "file", "a.txt" },
            { new StringContent("no file"), "note" },
        };

        using var given = await home.Http.PostAsync($"api/processes/{id}/files", form, Token);

        var body = JsonElement.Parse(await given.Content.ReadAsStringAsync(Token));
        Assert.Equal(
            ["a.txt", "a (2).txt"], body.GetProperty("data").EnumerateArray().Select(file => file.GetProperty("name").GetString()));
    }

    [Fact]
    public async Task File_may_be_longer_than_a_request_but_not_than_a_file_may_be()
    {
        await using var home = await RunningHome.StartAsync(new PacedCpu(), options: options => options with { MaxFileLength = 3 << 20 });
        var id = await home.SpawnAsync();

        Assert.Equal(201, await GiveAsync(2 << 20));
        Assert.Equal(403, await GiveAsync(4 << 20));
        Assert.Single((await home.GetAsync($"api/processes/{id}/files")).GetProperty("data").EnumerateArray());

        async Task<int> GiveAsync(int length)
        {
            using var content = new ByteArrayContent(new byte[length]);
            using var response = await home.Http.PostAsync($"api/processes/{id}/files?name=a.bin", content, Token);
            return (int)response.StatusCode;
        }
    }

    [Theory]
    [InlineData("api/processes/{0}/files?name=a.bin", "application/octet-stream", 403)]
    [InlineData("v1/files", "multipart/form-data; boundary=x", 403)]
    [InlineData("v1/chat/completions", "application/json", 413)]
    [InlineData("nowhere", "application/json", 404)]
    public async Task Client_that_sends_all_before_it_reads_hears_why_it_is_refused(string path, string type, int status)
    {
        await using var home = await RunningHome.StartAsync(new PacedCpu(), options: options => options with { MaxFileLength = 3 << 20 });
        path = string.Format(CultureInfo.InvariantCulture, path, await home.SpawnAsync());
        using var client = new TcpClient();
        await client.ConnectAsync(home.Http.BaseAddress!.Host, home.Http.BaseAddress.Port, Token);
        var stream = client.GetStream();
        // More than the buffers on the way take, so that a connection that is cut is noticed in the middle.
        var body = new byte[24 << 20];

        await stream.WriteAsync(
            Encoding.ASCII.GetBytes(
                $"POST /{path} HTTP/1.1\r\nHost: {home.Http.BaseAddress.Authority}\r\nContent-Type: {type}\r\n"
                + $"Content-Length: {body.Length}\r\n\r\n"),
            Token);
        await stream.WriteAsync(body, Token);

        using var reader = new StreamReader(stream);
        Assert.StartsWith($"HTTP/1.1 {status} ", await reader.ReadLineAsync(Token), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"content": [{"type": "file", "file": {"file_id": "none.txt"}}]}""", 404, "There is no file 'none.txt'")]
    [InlineData("""{"content": [{"type": "file", "file": {"filename": "a.txt", "file_data": "%%%"}}]}""", 400, "not Base64")]
    [InlineData("""{"content": [{"type": "file", "file": {}}]}""", 400, "file_data")]
    [InlineData("""{"content": [{"type": "image_url", "image_url": {"url": "x"}}]}""", 400, "\"text\" or \"file\"")]
    [InlineData("""{"content": [{"type": "file", "file": {"filename": "a.pdf", "file_data": "JVBERi0xLjQ="}}]}""", 400, "damaged")]
    public async Task Mistake_is_told_in_a_sentence(string body, int status, string sentence)
    {
        await using var home = await RunningHome.StartAsync(new PacedCpu());
        var id = await home.SpawnAsync();

        var answer = await home.SendAsync("POST", $"api/processes/{id}/messages", body);

        Assert.Equal(status, answer.Status);
        Assert.Contains(sentence, answer.Body.GetProperty("error").GetProperty("message").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Chat_completion_takes_a_file_in_the_shape_of_OpenAI()
    {
        var cpu = new ScriptedCpu(
            [ScriptedCpu.Call("1", "read_file", """{"file": "plan.pdf", "at": "page 2"}""")], [new TextDelta("In May.")]);
        await using var home = await RunningHome.StartAsync(cpu, tools: [new ReadFileTool()]);
        var data = Convert.ToBase64String(SampleFiles.Pdf(true, "The plan", "We sail in May."));

        var answer = await home.PostAsync("v1/chat/completions", $$$"""
            {"messages": [{"role": "user", "content": [{"type": "text", "text": "When?"},
             {"type": "file", "file": {"filename": "plan.pdf", "file_data": "data:application/pdf;base64,{{{data}}}"}}]}]}
            """);

        Assert.Equal("In May.", answer.GetProperty("choices")[0].GetProperty("message").GetProperty("content").GetString());
        Assert.Contains("[page 2]\nWe sail in May.", cpu.Turns[0].Conversation.Messages[0].Parts.OfType<FilePart>().Single().Text,
            StringComparison.Ordinal);
        var result = Assert.IsType<ToolResultPart>(cpu.Turns[1].Conversation.Messages[^1].Parts[0]);
        Assert.Equal("[plan.pdf, page 2]\nWe sail in May.", result.Text);
    }

    [Fact]
    public async Task Fork_has_the_files_of_its_origin()
    {
        await using var home = await RunningHome.StartAsync(new PacedCpu());
        var id = await home.SpawnAsync();
        using var content = new StringContent("hello", Encoding.UTF8, new MediaTypeHeaderValue("text/plain"));
        using var given = await home.Http.PostAsync($"api/processes/{id}/files?name=a.txt", content, Token);
        var fork = await home.PostAsync($"api/processes/{id}/fork");

        await home.SendAsync("DELETE", $"api/processes/{id}");

        var files = await home.GetAsync($"api/processes/{fork.GetProperty("id").GetInt64()}/files");
        Assert.Equal("a.txt", Assert.Single(files.GetProperty("data").EnumerateArray()).GetProperty("name").GetString());
    }
}
