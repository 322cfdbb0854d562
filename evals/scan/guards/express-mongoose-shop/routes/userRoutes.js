const express = require('express');
const { protect, admin } = require('../middleware/authMiddleware');
const checkObjectId = require('../middleware/validateObjectId');
const {
  authUser,
  registerUser,
  getUserProfile,
  updateUserProfile,
  getUsers,
  deleteUser,
} = require('../controllers/userController');

const router = express.Router();

router.post('/login', authUser);
router.post('/', registerUser);
router.get('/', protect, admin, getUsers);
router.get('/profile', protect, getUserProfile);
router.put('/profile', protect, updateUserProfile);
router.delete('/:id', protect, admin, checkObjectId, deleteUser);

module.exports = router;
