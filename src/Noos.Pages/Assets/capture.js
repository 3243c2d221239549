// Runs where the browser handles sound: what the microphone hears, at 16 kHz and 16 bits, 50 ms at a time.
registerProcessor("capture", class extends AudioWorkletProcessor {
  filled = 0;
  part = new Int16Array(800);
  sum = 0;
  count = 0;
  next = sampleRate / 16000;
  at = 0;
  process([[samples]]) {
    for (const sample of samples ?? []) {
      // The mean of the samples that fall into one of 16 kHz.
      this.sum += sample;
      this.count++;
      if (++this.at < this.next) continue;
      this.next += sampleRate / 16000;
      this.part[this.filled++] = Math.max(-32768, Math.min(32767, Math.round(32768 * this.sum / this.count)));
      this.sum = this.count = 0;
      if (this.filled === this.part.length) {
        this.port.postMessage(this.part);
        this.filled = 0;
      }
    }
    return true;
  }
});
