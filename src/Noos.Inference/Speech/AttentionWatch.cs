namespace Noos.Inference.Speech;

/// <summary>
/// Collects where the decoder looks: for each token the weights of the frames, averaged over the heads that follow the speech. Heads are
/// observed by different threads, each in memory of its own.
/// </summary>
sealed class AttentionWatch
{
    readonly int _tokens;
    readonly int _frames;
    readonly Dictionary<(int Block, int Head), float[]> _weights;

    /// <param name="heads">Those that are watched.</param>
    /// <param name="tokens">Max tokens of the sequence.</param>
    /// <param name="frames">Frames of the window.</param>
    public AttentionWatch(IEnumerable<(int Block, int Head)> heads, int tokens, int frames)
    {
        (_tokens, _frames) = (tokens, frames);
        _weights = heads.ToDictionary(head => head, _ => new float[tokens * frames]);
    }

    /// <summary>Takes the weights of one head for the token at a position.</summary>
    public void Observe(int block, int head, int position, ReadOnlySpan<float> weights)
    {
        if (position < _tokens && _weights.TryGetValue((block, head), out var own))
        {
            weights.CopyTo(own.AsSpan(position * _frames, _frames));
        }
    }

    /// <summary>The weights of each watched head [tokens, frames].</summary>
    public IEnumerable<float[]> Heads => _weights.Values;
}
