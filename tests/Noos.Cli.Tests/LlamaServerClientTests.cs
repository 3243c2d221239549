using System.Net;
using System.Text;
using System.Text.Json;
using Noos.Cli.Models;
using Noos.Core;
using Noos.Inference.Sampling;
using Noos.Testing;

namespace Noos.Cli.Tests;

/// <summary>The client of llama.cpp's server beside a loopback server that answers like it.</summary>
public sealed class LlamaServerClientTests : IDisposable
{
    static readonly SamplingOptions s_sampling = new() { Temperature = 0.7f, TopP = 0.9f };

    readonly ReservedPort _port = new();
    readonly HttpListener _server = new();
    readonly HttpClient _http;
    readonly List<string> _requests = [];
    Func<string, (int Status, string Body)>? _answer;

    public LlamaServerClientTests()
    {
        _server.Prefixes.Add($"http://127.0.0.1:{_port.Number}/");
        _server.Start();
        _http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{_port.Number}/") };
    }

    [Fact]
    public void Every_stream_is_asked_with_its_own_question_and_the_same_sampling()
    {
        Serve(_ => (200, "data: {\"stop\": false, \"content\": \"a\"}\n\ndata: {\"stop\": true, \"tokens_predicted\": 5}\n\n"));

        Assert.True(Measure([[1, 2], [3, 4]]) > 0);

        var requests = _requests.ConvertAll(text => JsonElement.Parse(text));
        Assert.Equal(["[1,2]", "[3,4]"], requests.Select(request => request.GetProperty("prompt").GetRawText()).Order());
        Assert.All(requests, request =>
        {
            Assert.Equal(5, request.GetProperty("n_predict").GetInt32());
            Assert.True(request.GetProperty("ignore_eos").GetBoolean());
            Assert.True(request.GetProperty("stream").GetBoolean());
            Assert.Equal(0.7f, request.GetProperty("temperature").GetSingle());
            Assert.Equal((0.9f, 0, 0f), (request.GetProperty("top_p").GetSingle(), request.GetProperty("top_k").GetInt32(),
                request.GetProperty("min_p").GetSingle()));
        });
    }

    [Fact]
    public void Answer_of_another_length_is_no_measurement()
    {
        Serve(_ => (200, "data: {\"stop\": true, \"tokens_predicted\": 4}\n\n"));

        Assert.Contains("4 tokens instead of 5", Assert.Throws<NoosException>(() => Measure([[1]])).Message);
    }

    [Fact]
    public void Answer_that_is_no_text_counts_only_where_it_was_not_given_up_in_the_middle()
    {
        const string Refusal = "{\"error\":{\"code\":500,\"message\":\"output that does not match the expected Content-only format\"}}";
        // A stream ends there, at its beginning or later; asked for at once, the answer is written whole before it is looked at.
        foreach (var begun in new[] { "", "data: {\"stop\": false, \"content\": \"a\"}\n\n" })
        {
            _requests.Clear();
            Serve(request => IsStreamed(request) && begun.Length > 0 ? (200, $"{begun}data: {Refusal}\n\n") : (500, Refusal));

            Assert.True(Measure([[1]]) > 0);
            Assert.Equal([true, false], _requests.ConvertAll(IsStreamed));
        }

        static bool IsStreamed(string request) => JsonElement.Parse(request).GetProperty("stream").GetBoolean();
    }

    [Fact]
    public void Failure_is_told()
    {
        Serve(_ => (503, "Loading model"));

        Assert.Contains("503: Loading model", Assert.Throws<NoosException>(() => Measure([[1]])).Message);
    }

    public void Dispose()
    {
        _server.Close();
        _http.Dispose();
        _port.Dispose();
    }

    double Measure(int[][] questions) =>
        new LlamaServerClient(_http).Measure(questions, tokens: 5, s_sampling, TestContext.Current.CancellationToken);

    void Serve(Func<string, (int Status, string Body)> answer)
    {
        var isFirst = _answer is null;
        _answer = answer;
        if (isFirst)
        {
            _ = Task.Run(AnswerAsync, TestContext.Current.CancellationToken);
        }
    }

    async Task AnswerAsync()
    {
        while (_server.IsListening)
        {
            HttpListenerContext context;
            try
            {
                context = await _server.GetContextAsync();
            }
            catch (Exception e) when (e is HttpListenerException or ObjectDisposedException)
            {
                return;
            }

            using var reader = new StreamReader(context.Request.InputStream);
            var request = await reader.ReadToEndAsync();
            _requests.Add(request);
            var (status, body) = _answer!(request);
            context.Response.StatusCode = status;
            context.Response.Close(Encoding.UTF8.GetBytes(body), willBlock: true);
        }
    }
}
