using System.ClientModel;
using System.Text;
using Noos.Core.Conversations;
using Noos.Kernel.Cpu;
using Noos.Testing;
using OpenAI.Files;

#pragma warning disable OPENAI001 // The official client calls a purpose "for evaluation".

namespace Noos.Server.Tests;

/// <summary>What OpenAI's own client must be able to do with files.</summary>
public sealed class FileClientTests
{
    static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task File_is_uploaded_listed_read_and_deleted()
    {
        await using var server = await RunningServer.StartAsync(new ScriptedCpu([new TextDelta("Yes.")]));
        var client = server.CreateFileClient();

        OpenAIFile file = await client.UploadFileAsync(BinaryData.FromString("It rains."), "notes.txt", FileUploadPurpose.UserData);
        OpenAIFileCollection files = await client.GetFilesAsync(Token);
        OpenAIFile same = await client.GetFileAsync(file.Id, Token);
        BinaryData content = await client.DownloadFileAsync(file.Id, Token);
        FileDeletionResult deleted = await client.DeleteFileAsync(file.Id, Token);

        Assert.Equal(("notes.txt", 9), (file.Filename, file.SizeInBytes));
        Assert.Equal(file.Id, files.Single().Id);
        Assert.Equal(file.Id, same.Id);
        Assert.Equal("It rains.", content.ToString());
        Assert.True(deleted.Deleted);
        Assert.Equal(404, (await Assert.ThrowsAsync<ClientResultException>(() => client.GetFileAsync(file.Id, Token))).Status);
    }

    [Theory]
    [InlineData("v1/chat/completions", """
        {"messages": [{"role": "user", "content": [{"type": "file", "file": {"file_id": "ID"}}, {"type": "text", "text": "What?"}]}],
         "tools": []}
        """)]
    [InlineData("v1/responses", """
        {"input": [{"role": "user", "content": [{"type": "input_file", "file_id": "ID"}, {"type": "input_text", "text": "What?"}]}],
         "tools": []}
        """)]
    [InlineData("v1/messages", """
        {"model": "m", "max_tokens": 9, "tools": [], "messages": [{"role": "user", "content":
         [{"type": "document", "source": {"type": "file", "file_id": "ID"}}, {"type": "text", "text": "What?"}]}]}
        """)]
    public async Task Uploaded_file_is_read_by_every_api(string path, string body)
    {
        var cpu = new ScriptedCpu([new TextDelta("Rain.")]);
        await using var server = await RunningServer.StartAsync(cpu);
        OpenAIFile file = await server.CreateFileClient().UploadFileAsync(
            BinaryData.FromString("It rains."), "notes.txt", FileUploadPurpose.UserData);

        var (status, answer) = await server.SendAsync("POST", path, body.Replace("ID", file.Id, StringComparison.Ordinal));

        Assert.True(status == 200, answer.ToString());
        var part = cpu.Turns.Single().Conversation.Messages[0].Parts.OfType<FilePart>().Single();
        Assert.Contains("It rains.", part.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Files_of_a_folder_are_there_after_a_restart()
    {
        using var folder = new TemporaryFolder();
        var id = "";
        await using (var server = await StartAsync())
        {
            OpenAIFile file = await server.CreateFileClient().UploadFileAsync(
                BinaryData.FromString("It rains."), "notes.txt", FileUploadPurpose.UserData);
            id = file.Id;
        }

        await using var next = await StartAsync();
        BinaryData content = await next.CreateFileClient().DownloadFileAsync(id, Token);

        Assert.Equal("It rains.", content.ToString());

        Task<RunningServer> StartAsync() => RunningServer.StartAsync(
            new ScriptedCpu([new TextDelta("Yes.")]), options: usual => usual with { UploadFolder = folder.Path });
    }

    [Fact]
    public async Task Files_that_are_too_long_or_too_many_are_refused()
    {
        await using var server = await RunningServer.StartAsync(
            new ScriptedCpu([new TextDelta("Yes.")]),
            options: usual => usual with { MaxFileLength = 10_000, MaxUploadBytes = 12_000 });
        var client = server.CreateFileClient();

        var tooLong = await Assert.ThrowsAsync<ClientResultException>(
            () => client.UploadFileAsync(BinaryData.FromBytes(new byte[10_001]), "a.bin", FileUploadPurpose.UserData));
        _ = await client.UploadFileAsync(BinaryData.FromBytes(new byte[9_000]), "a.bin", FileUploadPurpose.UserData);
        var full = await Assert.ThrowsAsync<ClientResultException>(
            () => client.UploadFileAsync(BinaryData.FromBytes(new byte[9_000]), "a.bin", FileUploadPurpose.UserData));

        Assert.Equal((403, 403), (tooLong.Status, full.Status));
        Assert.Contains("--max-uploads", full.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task List_comes_in_pages()
    {
        await using var server = await RunningServer.StartAsync(new ScriptedCpu([new TextDelta("Yes.")]));
        var client = server.CreateFileClient();
        foreach (var name in (string[])["a.txt", "b.txt", "c.txt"])
        {
            _ = await client.UploadFileAsync(new MemoryStream(Encoding.UTF8.GetBytes(name)), name, FileUploadPurpose.UserData, Token);
        }

        var (_, first) = await server.SendAsync("GET", "v1/files?limit=2&order=asc");
        var (_, second) = await server.SendAsync("GET", $"v1/files?limit=2&order=asc&after={first.GetProperty("last_id").GetString()}");

        Assert.Equal((2, true), (first.GetProperty("data").GetArrayLength(), first.GetProperty("has_more").GetBoolean()));
        Assert.Equal((1, false), (second.GetProperty("data").GetArrayLength(), second.GetProperty("has_more").GetBoolean()));
    }
}
