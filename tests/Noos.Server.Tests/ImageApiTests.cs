using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Noos.Core.Conversations;
using Noos.Core.Devices;
using Noos.Cpus.ChatClients;
using Noos.Kernel.Cpu;
using Noos.Peripherals.Eye;
using Noos.Testing;
using OpenAI.Chat;

namespace Noos.Server.Tests;

/// <summary>Pictures in requests: a model that reads text only gets the report of the eye, one that sees the picture.</summary>
public sealed class ImageApiTests
{
    static readonly string s_square = Convert.ToBase64String(SamplePictures.RedSquare);

    static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>The shapes of the four APIs around the Base64 of a picture.</summary>
    public static TheoryData<string, string> Requests => new()
    {
        {
            "v1/chat/completions",
            """
            {"messages": [{"role": "user", "content": [{"type": "text", "text": "What is it?"},
             {"type": "image_url", "image_url": {"url": "data:image/png;base64,@", "detail": "high"}}]}]}
            """
        },
        {
            "v1/responses",
            """
            {"input": [{"role": "user", "content": [{"type": "input_text", "text": "What is it?"},
             {"type": "input_image", "image_url": "data:image/png;base64,@"}]}]}
            """
        },
        {
            "v1/messages",
            """
            {"model": "m", "max_tokens": 5, "messages": [{"role": "user", "content": [{"type": "text", "text": "What is it?"},
             {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "@"}}]}]}
            """
        },
        {
            "api/chat",
            """
            {"model": "scripted", "stream": false, "messages": [{"role": "user", "content": "What is it?", "images": ["@"]}]}
            """
        },
    };

    [Theory]
    [MemberData(nameof(Requests))]
    public async Task Model_that_reads_text_gets_the_report_as_a_file_of_unknown_hands(string path, string request)
    {
        var cpu = new ScriptedCpu([new TextDelta("A red square.")]);
        await using var server = await RunningServer.StartAsync(cpu, builder => builder.Services.AddSingleton(FactsOnly()));

        var (status, body) = await server.SendAsync("POST", path, request.Replace("@", s_square, StringComparison.Ordinal));

        Assert.True(status == 200, body.ToString());
        var parts = cpu.Turns.Single().Conversation.Messages[^1].Parts;
        Assert.Equal("What is it?", parts.OfType<TextPart>().Single().Text);
        var report = parts.OfType<FilePart>().Single();
        Assert.Equal(("picture.png", "image/png", (Origin?)Origin.File), (report.Name, report.MediaType, report.Origin));
        Assert.StartsWith("Picture: PNG, 120 x 80 pixels.", report.Text, StringComparison.Ordinal);
        Assert.Contains("white 83% (#ffffff), red 17%", report.Text, StringComparison.Ordinal);
        Assert.Contains("What it shows cannot be told: no description model is installed.", report.Text, StringComparison.Ordinal);
        Assert.Empty(parts.OfType<ImagePart>());
    }

    [Theory]
    [MemberData(nameof(Requests))]
    public async Task Pictures_of_the_kind_that_crashes_decoders_are_refused_in_a_sentence(string path, string request)
    {
        await using var server = await RunningServer.StartAsync(
            new ScriptedCpu([new TextDelta("never")]), builder => builder.Services.AddSingleton(FactsOnly()));
        var square = SamplePictures.RedSquare;
        var bomb = SamplePictures.Png(10, 10, (_, _) => default, (60_000, 60_000));
        (byte[] Content, string Sentence)[] cases =
        [
            (bomb, "is 60,000 x 60,000 pixels, and 50,000,000 in all are the most that is looked at; make it smaller."),
            (square[..40], "is damaged: "),
            ([.. square[..60], .. new byte[square.Length - 60]], "is damaged: "),
            ([0x89, .. "PNG\r\n\x1A\n"u8], "is damaged: "),
            ("<svg xmlns='http://www.w3.org/2000/svg' onload='x()'/>"u8.ToArray(), "is an SVG file, which cannot be looked at here;"),
            (SamplePictures.Png(10, 10, (_, _) => default, (0, 5)), "is damaged: "),
        ];
        foreach (var (content, sentence) in cases)
        {
            var (status, body) = await server.SendAsync(
                "POST", path, request.Replace("@", Convert.ToBase64String(content), StringComparison.Ordinal));
            Assert.True(status == 400, body.ToString());
            Assert.Contains(sentence, body.ToString(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task What_a_report_holds_taints_the_conversation_as_a_file_does()
    {
        var cpu = new ScriptedCpu([new TextDelta("Hm.")]);
        await using var home = await RunningHome.StartAsync(cpu);
        var id = await home.SpawnAsync();

        var answer = await home.SendAsync("POST", $"api/processes/{id}/messages", $$"""
            {"content": [{"type": "text", "text": "Look."},
             {"type": "file", "file": {"filename": "square.png", "file_data": "data:image/png;base64,{{s_square}}"} }]}
            """);

        Assert.Equal(202, answer.Status);
        var messages = await home.GetAsync($"api/processes/{id}/messages");
        var file = messages.GetProperty("data")[0].GetProperty("parts").EnumerateArray()
            .Single(part => part.GetProperty("type").GetString() == "file");
        Assert.Equal(
            ("file", "square.png"),
            (file.GetProperty("origin").GetString(), file.GetProperty("name").GetString()));
        Assert.Contains("red 17%", file.GetProperty("text").GetString(), StringComparison.Ordinal);
        Assert.Equal(200, (int)(await home.Http.GetAsync($"api/processes/{id}/files/square.png", Token)).StatusCode);
    }

    [Fact]
    public async Task Model_that_sees_gets_the_pictures_of_its_conversation_themselves()
    {
        using var client = new ScriptedChatClient([new TextContent("A square.")], [new TextContent("Red.")]);
        await using var home = await RunningHome.StartAsync(new ChatClientCpu(client, can: CpuFeatures.See));
        var id = await home.SpawnAsync();

        await home.SendAsync("POST", $"api/processes/{id}/messages", $$"""
            {"content": [{"type": "text", "text": "Look."},
             {"type": "file", "file": {"filename": "square.png", "file_data": "data:image/png;base64,{{s_square}}"} }]}
            """);
        await home.GetAsync($"api/processes/{id}/wait");
        await home.SendAsync("POST", $"api/processes/{id}/messages", """{"content": "Which colour?"}""");
        await home.GetAsync($"api/processes/{id}/wait");

        Assert.Equal(2, client.Requests.Count);
        Assert.All(client.Requests, request => Assert.Equal(
            SamplePictures.RedSquare, request[0].Contents.OfType<DataContent>().Single().Data.ToArray()));
    }

    [Fact]
    public async Task Vision_model_of_the_setting_describes_for_the_official_client()
    {
        using var vision = new LoopbackVision("A red square in the middle of a white page.").Start();
        var eye = new LocalEye(new EyeOptions
        {
            TextRecognizer = () => null,
            Describer = () => new ChatClientImageDescriber(
                new CpuChatClient(Cpus.ModelSource.OpenCpu(new Cpus.NoosOptions { Model = vision.Address })), "looker"),
        });
        var cpu = new ScriptedCpu([new TextDelta("A square.")], [new TextDelta("Still.")]);
        await using var server = await RunningServer.StartAsync(cpu, builder => builder.Services.AddSingleton<IEye>(eye));
        var client = server.CreateOfficialClient();
        ChatMessageContentPart[] parts =
        [
            ChatMessageContentPart.CreateTextPart("What is it?"),
            ChatMessageContentPart.CreateImagePart(BinaryData.FromBytes(SamplePictures.RedSquare), "image/png"),
        ];

        await client.CompleteChatAsync([new UserChatMessage(parts)], cancellationToken: Token);
        await client.CompleteChatAsync(
            [new UserChatMessage(parts), new AssistantChatMessage("A square."), new UserChatMessage("Sure?")], cancellationToken: Token);

        Assert.All(cpu.Turns, turn => Assert.Contains(
            "Description by the model looker, which may be wrong: A red square in the middle of a white page.",
            turn.Conversation.Messages[0].Parts.OfType<FilePart>().Single().Text!, StringComparison.Ordinal));
        // The picture came twice and was looked at once.
        Assert.StartsWith("data:image/png;base64,", Assert.Single(vision.Pictures), StringComparison.Ordinal);
        Assert.Equal("looker", vision.Requests.Single().GetProperty("model").GetString());
    }

    [Fact]
    public async Task Tokens_of_a_picture_are_those_of_its_report()
    {
        await using var server = await RunningServer.StartAsync(new ScriptedCpu([new TextDelta("never")]));
        var request = $$"""
            {"model": "m", "messages": [{"role": "user", "content":
             [{"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "{{s_square}}"} }]}]}
            """;

        var (status, body) = await server.SendAsync("POST", "v1/messages/count_tokens", request);

        Assert.True(status == 200, body.ToString());
        Assert.True(body.GetProperty("input_tokens").GetInt32() > 0);
    }

    static LocalEye FactsOnly() => new LocalEye(new EyeOptions { TextRecognizer = () => null });
}
