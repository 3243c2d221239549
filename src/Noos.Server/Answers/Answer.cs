using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Noos.Core;
using Noos.Core.Conversations;
using Noos.Kernel.Processes;
using Noos.Kernel.Tracing;

namespace Noos.Server.Answers;

/// <summary>
/// The answers to a request while they come. Each is a process of its own, and ends when this is disposed. For one reader.
/// </summary>
sealed class Answer : IAsyncDisposable
{
    const long MaxInlineLength = 8 << 20;

    readonly RequestProcess[] _processes;
    readonly CancellationTokenSource _stop;
    readonly string? _folder;
    readonly Func<int, RequestProcess, IAsyncEnumerable<TraceEvent>> _run;

    /// <param name="model">The name of who is asked.</param>
    /// <param name="processes">One for each answer.</param>
    /// <param name="folder">That of the files of the conversation, deleted at the end; null for none.</param>
    /// <param name="stop">Ends all answers.</param>
    /// <param name="run">Begins the answer of a number.</param>
    public Answer(
        string model, RequestProcess[] processes, string? folder, CancellationTokenSource stop,
        Func<int, RequestProcess, IAsyncEnumerable<TraceEvent>> run)
    {
        Model = model;
        _processes = processes;
        _folder = folder;
        _stop = stop;
        _run = run;
    }

    /// <summary>The name of who is asked; a <see cref="FailoverEvent"/> says where another answers.</summary>
    public string Model { get; }

    /// <inheritdoc cref="AnswerRequest.EffortField"/>
    public string EffortField { get; init; } = AnswerRequest.UsualEffortField;

    /// <summary>What happens, to be read once: in each answer in order, and as the answers come.</summary>
    /// <exception cref="Core.NoosException">One cannot be answered: all end.</exception>
    public IAsyncEnumerable<AnswerEvent> ReadAsync() => _processes.Length == 1 ? ReadOneAsync() : ReadAllAsync();

    /// <summary>Everything that happened, an answer each.</summary>
    /// <inheritdoc cref="ReadAsync"/>
    public async Task<IReadOnlyList<Trace>> CollectAsync()
    {
        Trace[] traces = [.. _processes.Select(_ => new Trace())];
        await foreach (var (index, item) in ReadAsync())
        {
            traces[index].Add(item);
        }

        return traces;
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        foreach (var process in _processes)
        {
            process.Dispose();
        }

        _stop.Dispose();
        if (_folder is not null)
        {
            Directory.Delete(_folder, recursive: true);
        }
    }

    async IAsyncEnumerable<AnswerEvent> ReadOneAsync()
    {
        await foreach (var item in Watch(0))
        {
            yield return new AnswerEvent(0, item);
        }
    }

    async IAsyncEnumerable<AnswerEvent> ReadAllAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var events = Channel.CreateUnbounded<AnswerEvent>();
        var left = _processes.Length;
        Task[] answers = [.. Enumerable.Range(0, _processes.Length).Select(CopyAsync)];
        try
        {
            await foreach (var item in events.Reader.ReadAllAsync(cancellationToken))
            {
                yield return item;
            }
        }
        finally
        {
            await _stop.CancelAsync();
            await Task.WhenAll(answers);
        }

        async Task CopyAsync(int index)
        {
            try
            {
                await foreach (var item in Watch(index))
                {
                    events.Writer.TryWrite(new AnswerEvent(index, item));
                }
            }
#pragma warning disable CA1031 // Handed to the reader, whatever it is.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                events.Writer.TryComplete(exception);
                await _stop.CancelAsync();
            }

            if (Interlocked.Decrement(ref left) == 0)
            {
                events.Writer.TryComplete();
            }
        }
    }

    /// <summary>The events of an answer, of which its process takes note.</summary>
    async IAsyncEnumerable<TraceEvent> Watch(int index)
    {
        var process = _processes[index];
        await using var enumerator = _run(index, process).GetAsyncEnumerator(process.Token);
        while (true)
        {
            try
            {
                if (!await enumerator.MoveNextAsync())
                {
                    yield break;
                }
            }
            catch (OperationCanceledException) when (process.IsKilled)
            {
                throw process.ToException();
            }
            catch (NoosException refusal)
                when (refusal.Parameter == AnswerRequest.UsualEffortField && EffortField != AnswerRequest.UsualEffortField)
            {
                // Each API has its own name for it, and the client knows no other.
                throw new NoosException(
                    refusal.Kind,
                    refusal.Message.Replace($"\"{AnswerRequest.UsualEffortField}\"", $"\"{EffortField}\"", StringComparison.Ordinal),
                    refusal)
                {
                    Code = refusal.Code,
                    Parameter = EffortField,
                };
            }

            process.Note(enumerator.Current);
            yield return _folder is not null && enumerator.Current is ToolResultEvent { Parts: { } parts } result
                ? result with { Parts = [.. parts.Select(part => Inline(part, _folder))] }
                : enumerator.Current;
        }
    }

    /// <summary>A file of the folder with its content, for the folder goes with the request.</summary>
    static Part Inline(Part part, string folder) => part switch
    {
        ImagePart image => image with { Uri = Inline(image.Uri, image.MediaType, folder) },
        FilePart file => file with { Uri = Inline(file.Uri, file.MediaType, folder) },
        _ => part,
    };

    static string Inline(string uri, string? type, string folder) =>
        Uri.TryCreate(uri, UriKind.Absolute, out var address) && address.IsFile
        && GivenFiles.List(folder).FirstOrDefault(file => file.Path == address.LocalPath) is { Length: <= MaxInlineLength } file
            ? $"data:{type ?? "application/octet-stream"};base64,{Convert.ToBase64String(File.ReadAllBytes(file.Path))}"
            : uri;
}
