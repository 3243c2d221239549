namespace Noos.Corpus.Procedural;

/// <summary>
/// Random tokens, then the same again: nothing but the match of what came before tells what comes next (the test of induction heads, Olsson
/// et al. 2022, arXiv:2209.11895).
/// </summary>
/// <param name="vocabulary">The tokens to draw from.</param>
/// <param name="length">Of each segment; 0 for lengths of 4 up to half of a row, short ones as often as long ones.</param>
/// <param name="difficulty">0 to 1: how often more than a short period of a small alphabet comes.</param>
sealed class RepeatedTokens(int[] vocabulary, int length, double difficulty = 1)
{
    const int MinLength = 4;
    const int MaxCopies = 3;
    const int MaxPeriod = 64;

    const int Alphabet = 128;

    public void Fill(Random random, Span<int> tokens, Span<bool> isTarget)
    {
        if (length == 0 && random.NextDouble() >= difficulty / 2)
        {
            FillPeriodically(random, tokens, isTarget);
            return;
        }

        var place = 0;
        while (tokens.Length - place >= 2 * Math.Max(MinLength, length))
        {
            var longest = (tokens.Length - place) / 2;
            var size = length > 0 ? length : (int)(MinLength * Math.Pow((double)longest / MinLength, random.NextDouble()));
            var segment = tokens.Slice(place, size);
            Draw(random, segment);
            place += size;
            var copies = length > 0 ? 1 : random.Next(1, MaxCopies + 1);
            for (var copy = 0; copy < copies && tokens.Length - place >= size; copy++)
            {
                // Sometimes the copy does not follow at once.
                var gap = length == 0 && random.Next(4) == 0 ? random.Next(1, size + 1) : 0;
                if (tokens.Length - place < size + gap)
                {
                    gap = 0;
                }

                Draw(random, tokens.Slice(place, gap));
                place += gap;
                segment.CopyTo(tokens[place..]);

                // That the repetition begins can be foreseen only when one has followed at once before.
                isTarget.Slice(place + 1, size - 1).Fill(true);
                place += size;
            }
        }

        Draw(random, tokens[place..]);
    }

    /// <summary>
    /// One short segment again and again. Even attention to all that came before tells it better than chance, so that learning has a slope
    /// to go down: among segments of which each comes once or twice there is none at first.
    /// </summary>
    void FillPeriodically(Random random, Span<int> tokens, Span<bool> isTarget)
    {
        var size = (int)(MinLength * Math.Pow((double)MaxPeriod / MinLength, random.NextDouble() * (0.4 + (0.6 * difficulty))));
        Draw(random, tokens[..Math.Min(size, tokens.Length)]);
        for (var place = size; place < tokens.Length; place++)
        {
            tokens[place] = tokens[place - size];
            isTarget[place] = place > size;
        }
    }

    void Draw(Random random, Span<int> tokens)
    {
        // Tokens drawn from the whole vocabulary are so rare that their embeddings see little but noise, and nothing is learnt (measured:
        // the loss stays at the logarithm of the vocabulary for three million tokens). So most come from a small alphabet that is always
        // the same, and the rest as words come, some far more often than others.
        var kind = length > 0 ? 0 : random.NextDouble() < difficulty ? random.Next(10) : int.MaxValue;
        foreach (ref var token in tokens)
        {
            token = vocabulary[kind switch
            {
                0 => random.Next(vocabulary.Length),
                < 4 => (int)Math.Pow(vocabulary.Length, random.NextDouble()) - 1,
                _ => random.Next(Math.Min(Alphabet, vocabulary.Length)),
            }];
        }
    }
}
