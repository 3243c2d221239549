namespace Noos.Inference.Speech;

/// <summary>The shape of a Whisper model (Radford et al., arXiv:2212.04356) as whisper.cpp's file header has it.</summary>
/// <param name="VocabularySize">Rows of the token embedding, special tokens and timestamps included.</param>
/// <param name="AudioContext">Frames of 20 ms that the encoder gives for a window; 1,500 are 30 seconds.</param>
/// <param name="Width">Numbers per frame and token.</param>
/// <param name="AudioHeadCount">Attention heads of the encoder.</param>
/// <param name="AudioLayerCount">Blocks of the encoder.</param>
/// <param name="TextContext">Max tokens that the decoder holds, those of the prompt included.</param>
/// <param name="TextHeadCount">Attention heads of the decoder.</param>
/// <param name="TextLayerCount">Blocks of the decoder.</param>
/// <param name="MelCount">Bands of the spectrogram: 80, or 128 for large-v3.</param>
sealed record WhisperConfig(
    int VocabularySize, int AudioContext, int Width, int AudioHeadCount, int AudioLayerCount, int TextContext, int TextHeadCount,
    int TextLayerCount, int MelCount)
{
    /// <summary>Layer norms of PyTorch's default.</summary>
    public const float NormEpsilon = 1e-5f;

    /// <summary>Width of the hidden layer of a feed-forward block.</summary>
    public int HiddenWidth => 4 * Width;

    /// <summary>Width of a head of the encoder.</summary>
    public int AudioHeadLength => Width / AudioHeadCount;

    /// <summary>Width of a head of the decoder.</summary>
    public int TextHeadLength => Width / TextHeadCount;

    /// <summary>Spectrogram frames of 10 ms of a whole window.</summary>
    public int MelFrames => 2 * AudioContext;
}
