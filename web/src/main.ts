document.querySelector('main')!.textContent = document.getElementById('nbits-results')!.textContent;
