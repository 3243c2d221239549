using Noos.Core;
using Noos.Inference.Adapters;
using Noos.Inference.Batching;
using Noos.Inference.PrefixCache;

namespace Noos.Inference;

/// <summary>
/// One sequence of tokens with its KV cache, so that appended tokens cost only themselves (llama.cpp's context with one sequence). The
/// logits depend on the sequence alone, bit for bit: not on how it was appended, on what was truncated before, on what was taken over
/// from other contexts, on what was computed together with it, or on the thread count. Not for use by two threads at once. The engine
/// computes tokens on its own thread, together with those of other contexts; <see cref="AppendAsync"/> waits without holding a thread.
/// </summary>
public sealed class InferenceContext : IDisposable
{
    // Max tokens of one request, so that a cancellation is noticed soon and others can take over what is read.
    const int Slice = 256;

    readonly Engine _engine;
    readonly KeyValueCache _cache;
    readonly int[] _tokens;
    float[] _logits;
    bool _wantsAll;
    bool _disposed;

    internal InferenceContext(LanguageModel model, Engine engine, KeyValueCache cache)
    {
        Model = model;
        _engine = engine;
        _cache = cache;
        _tokens = new int[cache.Capacity];
        _logits = new float[model.Config.VocabularySize];
    }

    /// <summary>A sequence that was suspended.</summary>
    internal InferenceContext(LanguageModel model, Engine engine, KeyValueCache cache, int[] tokens)
        : this(model, engine, cache)
    {
        tokens.CopyTo(_tokens, 0);
        Length = tokens.Length;
    }

    public LanguageModel Model { get; }

    /// <summary>Number of tokens held.</summary>
    public int Length { get; private set; }

    /// <summary>Max tokens.</summary>
    public int Capacity => _tokens.Length;

    /// <summary>The adapters that apply to the sequence, and their scales.</summary>
    public IReadOnlyList<AdapterScale> Adapters => _cache.Adapters?.Items ?? [];

    /// <summary>Tokens taken over from the prefix cache since the context was made.</summary>
    public long AdoptedTokens { get; private set; }

    /// <summary>Whatever the owner wants the model's <see cref="IBatchPolicy"/> to see with this context.</summary>
    public object? Tag { get; set; }

    /// <summary>The tokens held, in order.</summary>
    public ReadOnlySpan<int> Tokens => _tokens.AsSpan(0, Length);

    /// <summary>Reads more tokens and scores every possible next token; blocks until they are computed.</summary>
    /// <param name="tokens">At least one, at most <see cref="Capacity"/> - <see cref="Length"/>.</param>
    /// <returns>One logit per token of the vocabulary, after the last token; valid until the next call.</returns>
    /// <exception cref="NoosException">The tokens do not fit, or memory is short (OutOfMemory); nothing was appended.</exception>
    public ReadOnlySpan<float> Append(ReadOnlySpan<int> tokens)
    {
        Run(Prepare(tokens, wantsAll: false));
        return LogitsAfter(0);
    }

    /// <summary>
    /// As <see cref="Append"/>, but scores every possible next token after each of the tokens: see <see cref="LogitsAfter"/>.
    /// </summary>
    public void AppendAll(ReadOnlySpan<int> tokens) => Run(Prepare(tokens, wantsAll: true));

    /// <summary>Reads more tokens and scores every possible next token: then <see cref="LogitsAfter"/> has the scores at 0.</summary>
    /// <param name="tokens">At least one, at most <see cref="Capacity"/> - <see cref="Length"/>.</param>
    /// <param name="cancellationToken">Noticed every few hundred tokens; what was read until then stays in the context.</param>
    /// <exception cref="NoosException">The tokens do not fit, or memory is short (OutOfMemory).</exception>
    /// <exception cref="OperationCanceledException">Cancelled; the context stays usable.</exception>
    public async ValueTask AppendAsync(ReadOnlyMemory<int> tokens, CancellationToken cancellationToken = default)
    {
        Check(tokens.Span);
        // At once and not slice by slice: of each slice one token would be left to read.
        tokens = tokens[AdoptKnown(tokens.Span)..];
        while (!tokens.IsEmpty)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var slice = tokens[..Math.Min(tokens.Length, Slice)];
            tokens = tokens[slice.Length..];
            var request = Prepare(slice.Span, wantsAll: false);
            await WaitAsync(request);
            Commit(request);
        }
    }

    /// <summary>
    /// The scores after the index-th token of the latest <see cref="AppendAll"/>, after the last one of another call at 0; valid until
    /// the next call that reads.
    /// </summary>
    public ReadOnlySpan<float> LogitsAfter(int index) => MutableLogitsAfter(index).Span;

    /// <summary>Forgets everything from position <paramref name="length"/> on.</summary>
    public void Truncate(int length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, Length);
        Length = length;
        _cache.Truncate(length);
    }

    /// <summary>Empties the context; what it has read stays in the prefix cache for the next one that begins alike.</summary>
    public void Dispose()
    {
        if (!_disposed)
        {
            ReleaseToCache();
            _disposed = true;
            _cache.Dispose();
        }
    }

    void Check(ReadOnlySpan<int> tokens)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        Model.ThrowIfDisposed();
        if (tokens.IsEmpty)
        {
            throw new ArgumentException("At least one token must be appended.", nameof(tokens));
        }

        if (tokens.Length > Capacity - Length)
        {
            throw new NoosException(
                $"The context holds {Length:N0} of {Capacity:N0} tokens, so {tokens.Length:N0} more do not fit; shorten the conversation.");
        }

        foreach (var token in tokens)
        {
            if ((uint)token >= (uint)Model.Config.VocabularySize)
            {
                throw new ArgumentOutOfRangeException(nameof(tokens), token, "A token is not in the vocabulary.");
            }
        }
    }

    /// <summary>As <see cref="LogitsAfter"/>, to be changed in place by who samples from it.</summary>
    internal Memory<float> MutableLogitsAfter(int index) =>
        _logits.AsMemory(index * Model.Config.VocabularySize, Model.Config.VocabularySize);

    /// <summary>
    /// The parts of appending before and after the engine's: takes over what others have computed, reserves pages, and makes the request.
    /// </summary>
    internal BatchRequest Prepare(ReadOnlySpan<int> tokens, bool wantsAll)
    {
        Check(tokens);
        if (!wantsAll)
        {
            tokens = tokens[AdoptKnown(tokens)..];
        }

        try
        {
            _cache.Reserve(Length, Length + tokens.Length);
        }
        catch (OutOfMemoryException e)
        {
            throw NoMemory(tokens.Length, e);
        }

        var length = (wantsAll ? tokens.Length : 1) * Model.Config.VocabularySize;
        if (_logits.Length < length)
        {
            _logits = new float[length];
        }

        tokens.CopyTo(_tokens.AsSpan(Length));
        _wantsAll = wantsAll;
        return new BatchRequest(tokens.ToArray(), Length, _cache, new LogitsOutput(_logits, wantsAll), Tag);
    }

    /// <summary>Appends what the engine has computed, or nothing if it failed.</summary>
    internal void Commit(BatchRequest request)
    {
        if (request.Error is { } error)
        {
            // The pages reserved go back, and the context stays usable.
            _cache.Truncate(Length);
            if (error.SourceException is OutOfMemoryException e)
            {
                throw NoMemory(request.Count, e);
            }

            error.Throw();
        }

        Length += request.Count;
        if (!_wantsAll)
        {
            _cache.Publish(Tokens);
        }
    }

    /// <summary>Lets the engine drive a task that prepares and commits requests of this context.</summary>
    internal Task Drive(EngineTask task)
    {
        _engine.Start(task);
        return task.Completion;
    }

    /// <summary>Waits until a request is done, successfully or not.</summary>
    internal Task WaitAsync(BatchRequest request) => _engine.RunAsync(request);

    /// <inheritdoc cref="WaitAsync"/>
    internal void Wait(BatchRequest request) => _engine.RunAsync(request).GetAwaiter().GetResult();

    void Run(BatchRequest request)
    {
        Wait(request);
        Commit(request);
    }

    int AdoptKnown(ReadOnlySpan<int> tokens)
    {
        var known = _cache.Adopt(Length, tokens);
        tokens[..known].CopyTo(_tokens.AsSpan(Length));
        Length += known;
        AdoptedTokens += known;
        return known;
    }

    /// <summary>
    /// Appends as many of the tokens as the prefix cache knows, without computing anything; at least the last one is left, for its logits.
    /// </summary>
    /// <param name="tokens">As for <see cref="Append"/>.</param>
    /// <returns>Number of tokens appended.</returns>
    public int Adopt(ReadOnlySpan<int> tokens)
    {
        Check(tokens);
        return AdoptKnown(tokens);
    }

    /// <summary>
    /// Leaves all that was read to the prefix cache, the last partial page included, where the next context that begins alike finds it.
    /// This context is empty afterwards.
    /// </summary>
    public void ReleaseToCache()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        _cache.ReleaseToTree(Tokens);
        Length = 0;
    }

    /// <summary>
    /// Writes the sequence with its keys and values into a stream and then frees its pages; this context is empty afterwards.
    /// <see cref="LanguageModel.ResumeContextAsync"/> reads it. The logits of the last token are not written: who needs them truncates that
    /// token before, and appends it again afterwards.
    /// </summary>
    /// <param name="stream">Written from its position on; it stays the caller's.</param>
    /// <param name="cancellationToken">Checked between pages.</param>
    /// <exception cref="OperationCanceledException">Cancelled; the context is as before, and what was written is of no use.</exception>
    /// <exception cref="IOException">Any error of the stream is passed on; the context is as before.</exception>
    public async Task SuspendAsync(Stream stream, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(stream);
        ObjectDisposedException.ThrowIf(_disposed, this);
        Model.ThrowIfDisposed();
        await Model.SuspendedSequence.WriteAsync(_cache, _tokens.AsMemory(0, Length), stream, cancellationToken).ConfigureAwait(false);
        // Only now: until everything is written the sequence can go on here.
        Truncate(0);
    }

    NoosException NoMemory(int count, Exception inner) => new(
        ErrorKind.OutOfMemory,
        $"There is not enough memory for {Length + count:N0} tokens of '{Model.Name}'; shorten the conversation.",
        inner);
}
