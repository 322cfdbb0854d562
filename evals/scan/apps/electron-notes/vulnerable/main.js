const { app, BrowserWindow, ipcMain, shell } = require('electron');
const crypto = require('node:crypto');

app.whenReady().then(() => {
  const win = new BrowserWindow({
    webPreferences: { nodeIntegration: true, preload: `${__dirname}/preload.js` },
  });
  win.loadFile('index.html');
});

exports.openLink = (url) => {
  shell.openExternal(url);
};

exports.seal = (key, text) => {
  const iv = crypto.randomBytes(12);
  const cipher = crypto.createCipheriv('des-ede3-cbc', key, iv);
  return Buffer.concat([iv, cipher.update(text, 'utf8'), cipher.final()]);
};
