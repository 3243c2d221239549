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

    public void Dispose()
    {
        if (!_disposed)
        {
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
            var known = _cache.Adopt(Length, tokens);
            tokens[..known].CopyTo(_tokens.AsSpan(Length));
            Length += known;
            AdoptedTokens += known;
            tokens = tokens[known..];
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

    NoosException NoMemory(int count, Exception inner) => new(
        ErrorKind.OutOfMemory,
        $"There is not enough memory for {Length + count:N0} tokens of '{Model.Name}'; shorten the conversation.",
        inner);
}
