const asyncHandler = require('express-async-handler');
const jwt = require('jsonwebtoken');
const User = require('../models/userModel');

const tokenFor = (id) => jwt.sign({ id }, process.env.JWT_SECRET, { expiresIn: '1d' });

const authUser = asyncHandler(async (req, res) => {
  const user = await User.findOne({ email: String(req.body.email) });
  if (!user || !(await user.matchPassword(String(req.body.password)))) {
    res.status(401);
    throw new Error('Invalid email or password');
  }
  res.json({ _id: user._id, name: user.name, token: tokenFor(user._id) });
});

const registerUser = asyncHandler(async (req, res) => {
  const { name, email, password } = req.body;
  if (typeof email !== 'string' || typeof password !== 'string') {
    res.status(400);
    throw new Error('Invalid user data');
  }
  const user = await User.create({ name, email, password });
  res.status(201).json({ _id: user._id, token: tokenFor(user._id) });
});

const getUserProfile = asyncHandler(async (req, res) => {
  const user = await User.findById(req.user._id).select('-password');
  res.json(user);
});

const updateUserProfile = asyncHandler(async (req, res) => {
  const user = await User.findById(req.user._id);
  user.name = req.body.name || user.name;
  if (req.body.password) user.password = String(req.body.password);
  await user.save();
  res.json({ _id: user._id });
});

const getUsers = asyncHandler(async (req, res) => {
  res.json(await User.find({}).select('-password'));
});

const deleteUser = asyncHandler(async (req, res) => {
  await User.deleteOne({ _id: req.params.id });
  res.json({ message: 'User removed' });
});

module.exports = { authUser, registerUser, getUserProfile, updateUserProfile, getUsers, deleteUser };
