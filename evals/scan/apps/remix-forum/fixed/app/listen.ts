window.addEventListener('message', (event) => {
  if (event.origin !== 'https://forum.example.com') return;
  document.title = event.data.title;
});
